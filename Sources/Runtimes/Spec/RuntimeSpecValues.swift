internal import Base
internal import Configuration
internal import RuntimeCatalog

extension ValueType<String> {
  /// The name of a model.
  static let modelName = ValueType("the name of a model") { decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    guard let problem = RuntimeName.modelProblem(text) else { return text }
    decoder.note(node.position, path, "'\(text)' is no name of a model: \(problem)")
    return nil
  }

  /// An argument of a program: no line of a unit can hold control characters.
  static let argument = ValueType("a string") { decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    if text.utf8.count <= 4096, !UnitText.hasControls(text) { return text }
    decoder.note(
      node.position, path, "an argument is longer than 4096 bytes or has control characters")
    return nil
  }
}

extension ValueType<RuntimeSpec.GPURequest> {
  /// The most GPUs of a runtime: a box has at most 8, and a large server 16.
  private static let most = 64

  /// A number, or a list of PCI addresses.
  static let gpus = ValueType(
    "a number from 0 to \(most), or a list of PCI addresses such as `[\"0000:c1:00.0\"]`"
  ) { decoder, node, path in
    switch node.value {
    case .integer(let count) where (0...most).contains(count): return .count(count)
    case .array(let nodes) where nodes.count <= most:
      var addresses: [PCIAddress] = []
      for node in nodes {
        guard let text = ValueType<String>.text.read(&decoder, node, path) else { return nil }
        guard let address = PCIAddress(text) else {
          decoder.note(
            node.position, path,
            "'\(text)' is no PCI address such as 0000:c1:00.0: "
              + "'tinyboxctl status' shows them, and numbers change")
          return nil
        }
        if addresses.contains(address) {
          decoder.note(node.position, path, "\(address) is there twice")
          return nil
        }
        addresses.append(address)
      }
      return .addresses(addresses)
    default:
      decoder.expected("a number from 0 to \(most) or a list of PCI addresses", node, path)
      return nil
    }
  }
}

extension ValueType<NumberSet> {
  /// The highest number of a node: MAX_NUMNODES is 1024 (CONFIG_NODES_SHIFT).
  private static let highestNode = 1023

  /// NUMA nodes, as a text `0-3` or a list of numbers.
  static let nodes = ValueType("a list of NUMA nodes such as `\"0-3\"` or `[0, 1]`") {
    decoder, node, path in
    var set: NumberSet?
    switch node.value {
    case .string(let text): set = NumberSet(list: text)
    case .array(let items):
      let numbers = items.compactMap { item -> Int? in
        if case .integer(let number) = item.value { return number }
        return nil
      }
      if numbers.count == items.count, numbers.allSatisfy(NumberSet.isPossible) {
        set = NumberSet(numbers)
      }
    default: break
    }
    if let set, let last = set.last, last <= highestNode { return set }
    decoder.note(node.position, path, "names no NUMA nodes such as \"0-3\" or [0, 1]")
    return nil
  }
}

extension ValueType<[Setting<Backend.Variable>]> {
  /// The most variables.
  private static let most = 256

  /// A table of names and texts.
  static let environment = ValueType("a table such as `{ DEBUG = \"1\" }`") {
    decoder, node, path in
    guard case .table(let table) = node.value, table.entries.count <= most else {
      decoder.expected("a table of at most \(most) variables", node, path)
      return nil
    }
    var variables: [Setting<Backend.Variable>] = []
    for (name, node) in table.entries.sorted(by: { $0.key < $1.key }) {
      let path = "\(path).\(TOMLTable.quoted(name))"
      let isName = name.utf8.enumerated().allSatisfy { index, byte in
        (0x61...0x7a).contains(byte | 0x20) || byte == 0x5f
          || (index > 0 && (0x30...0x39).contains(byte))
      }
      if !isName || name.isEmpty || name.utf8.count > 255 {
        decoder.note(node.position, path, "is no name of a variable: letters, digits and '_'")
      } else if let value = ValueType<String>.argument.read(&decoder, node, path) {
        variables.append(Setting(Backend.Variable(name, value), node.position))
      }
    }
    return variables
  }
}
