internal import Base
internal import KernelTree

/// The interrupt numbers of a PCI function.
enum FunctionVectors {
  /// Its MSI and MSI-X numbers, or the number of its pin when it has none. Empty when it has no
  /// interrupt at all, and when that is not known.
  ///
  /// The `irq` file counts only without MSI: with MSI-X it still names the pin, which is unused. A
  /// recording by other tools may lack `msi_irqs`, and then proves nothing.
  static func numbers(of function: PCIFunction, _ tree: KernelTree) -> NumberSet {
    let messages = messages(of: function, tree)
    if !messages.isEmpty || !isComplete(tree) { return messages }
    return pin(of: function, tree).map { NumberSet([$0]) } ?? NumberSet()
  }

  /// Whether what is missing in the tree is missing on the machine: the tree is the running kernel,
  /// or a recording by tinybox, which also keeps file modes.
  static func isComplete(_ tree: KernelTree) -> Bool {
    tree.keepsModes
  }

  /// Its MSI and MSI-X numbers.
  static func messages(of function: PCIFunction, _ tree: KernelTree) -> NumberSet {
    if let vectors = function.vectors, !vectors.allocated.isEmpty { return vectors.allocated }
    // Not listed yet when only the parts of a function that are cheap were collected.
    let names = (try? tree.source.entries(folder(function) + "/msi_irqs")) ?? []
    return NumberSet(
      names.compactMap { name in
        Int(name).flatMap { $0 >= 0 && $0 <= NumberSet.highest ? $0 : nil }
      })
  }

  /// The number behind its interrupt pin; nil when there is none.
  static func pin(of function: PCIFunction, _ tree: KernelTree) -> Int? {
    guard let text = try? tree.bytes(folder(function) + "/irq"),
      let number = ASCII.decimal(text[...]), number > 0, number <= NumberSet.highest
    else { return nil }
    return number
  }

  private static func folder(_ function: PCIFunction) -> String {
    "/sys/bus/pci/devices/\(function.address)"
  }
}
