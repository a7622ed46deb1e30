internal import Base
internal import KernelTree

/// Replaces what identifies a box or its owner by pseudonyms.
///
/// Two passes. The first takes the values of everything that is marked as sensitive, or named like
/// it. The second replaces these values wherever they occur: in any text, in the names of files and
/// links, in the answers of probes; and addresses by their form.
struct Redactor {
  private var pseudonyms = Pseudonyms()
  private var replacer = TextReplacer()
  /// Names the kernel gives: a host called `node0` must not rename the folder of a NUMA node.
  private var kernelNames: Set<Substring> = []

  /// Values shorter than this are replaced only where they are the whole of a marked text: they
  /// occur by chance everywhere else.
  private static let shortest = 6

  /// A recording that does not identify its box.
  static func redact(_ recording: Recording) -> Recording {
    var redactor = Redactor()
    redactor.collect(recording)
    return redactor.apply(recording)
  }

  // MARK: First pass

  private mutating func collect(_ recording: Recording) {
    let paths = recording.nodes.keys.sorted()
    for path in paths where path.hasPrefix("/sys/") && !path.hasPrefix("/sys/fs/") {
      kernelNames.formUnion(path.split(separator: "/"))
    }
    for path in paths {
      guard let node = recording.nodes[path], let content = node.content else { continue }
      collect(content, Redactor.sensitivity(path, node), path)
    }
    for (name, answer) in recording.notes.probes.sorted(by: { $0.key < $1.key }) {
      guard case .success(let content) = answer else { continue }
      collect(content, recording.probeSensitivities[name] ?? .none, name)
    }
  }

  private static func sensitivity(_ path: String, _ node: Recording.Node) -> Sensitivity {
    node.sensitivity == .none ? SecretKeys.sensitivity(path: path) : node.sensitivity
  }

  private mutating func collect(_ content: [UInt8], _ sensitivity: Sensitivity, _ path: String) {
    if sensitivity == .freeText {
      for word in ASCII.fields(content[...]) { collectPairs(Array(word)) }
      collectPairs(content)
    } else if sensitivity == .serial || sensitivity == .hardwareAddress || sensitivity == .hostName
    {
      if let text = Redactor.oneLine(content) {
        note(text, sensitivity, radix: Redactor.radix(path))
      } else {
        collectPairs(content)
      }
    } else if path.hasSuffix("/properties") && path.contains("/kfd/")
      || path.hasPrefix("/proc/driver/nvidia/")
    {
      collectPairs(content)
    }
  }

  private mutating func collectPairs(_ content: [UInt8]) {
    for (key, value) in SecretKeys.pairs(content) {
      let sensitivity = SecretKeys.sensitivity(key: key)
      if sensitivity != .none { note(value, sensitivity, radix: 10) }
    }
  }

  /// The text, where it is one line that is not `key value`; a blank in a serial number is rare,
  /// but firmware has it.
  private static func oneLine(_ content: [UInt8]) -> String? {
    let text = ASCII.trimmed(content[...])
    if text.contains(0x0a) || text.contains(0) { return nil }
    if text.first == 0x7b || text.first == 0x5b { return nil }
    if let pair = SecretKeys.pairs(Array(text)).first, !pair.value.isEmpty,
      SecretKeys.sensitivity(key: pair.key) != .none
    {
      return nil
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// sysfs writes the identifier of a GPU in hexadecimal without saying so.
  private static func radix(_ path: String) -> Int {
    path.hasSuffix("/unique_id") || path.hasSuffix("/hive_id") ? 16 : 10
  }

  private mutating func note(_ text: String, _ sensitivity: Sensitivity, radix: Int) {
    if sensitivity == .hostName { return noteHost(text) }
    guard let pseudonym = pseudonyms.serial(text, radix: radix) else { return }
    guard text.utf8.count >= Redactor.shortest else { return }
    let needs: TextReplacer.Patterns = kernelNames.contains(text[...]) ? .ambiguous : []
    let isHexadecimal = text.utf8.allSatisfy { ASCII.hexDigit($0) != nil }
    for (from, to) in Redactor.spellings(text, pseudonym, radix: radix) {
      replacer.add(from, to, isWord: isHexadecimal, needs: needs)
    }
  }

  /// Other ways in which the same value is written, each with its pseudonym.
  private static func spellings(
    _ text: String, _ pseudonym: String, radix: Int
  ) -> [(String, String)] {
    var all = [
      (text, pseudonym), (text.lowercased(), pseudonym), (text.uppercased(), pseudonym),
      // udev, in the names of links.
      (joined(text, " ", "_"), pseudonym), (joined(text, " ", "\\x20"), pseudonym),
      // The kernel, in the world-wide name it makes up for an NVMe namespace.
      (hexadecimal(text), hexadecimal(pseudonym)),
    ]
    let bytes = Array(text.utf8)
    if let run = AddressPatterns.byteRun(bytes, 0), run.end == bytes.count {
      for separator in ["", ":", "-"] {
        let from = joined(text, String(UnicodeScalar(run.separator)), separator)
        let to = joined(pseudonym, String(UnicodeScalar(run.separator)), separator)
        all += [(from.lowercased(), to), (from.uppercased(), to)]
      }
    }
    if text.utf8.count >= 12, let value = UInt64(text, radix: radix),
      let short = UInt64(pseudonym, radix: radix)
    {
      // KFD in decimal, sysfs in hexadecimal.
      all.append((String(value), String(short)))
      let digits = String(short, radix: 16)
      let from = String(value, radix: 16)
      let zeros = String(repeating: "0", count: max(0, from.utf8.count - digits.utf8.count))
      all += [(from, zeros + digits), (from.uppercased(), zeros + digits)]
    }
    return all.filter { $0.0.utf8.count >= shortest }
  }

  private static func joined(_ text: String, _ from: String, _ to: String) -> String {
    text.split(separator: from, omittingEmptySubsequences: false).joined(separator: to)
  }

  private static func hexadecimal(_ text: String) -> String {
    text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private mutating func noteHost(_ text: String) {
    if Pseudonyms.isPlaceholder(text) { return }
    let name = text.split(separator: ".").first.map(String.init) ?? text
    if name.utf8.count < 2 { return }
    let needs: TextReplacer.Patterns =
      kernelNames.contains(name[...]) ? [.hosts, .ambiguous] : .hosts
    let isWord = name.utf8.count < Redactor.shortest
    replacer.add(name, pseudonyms.host(name), isWord: isWord, needs: needs)
    let domain = text.dropFirst(name.utf8.count + 1)
    if domain.contains("."), domain.utf8.count >= Redactor.shortest {
      replacer.add(String(domain), pseudonyms.domain(String(domain)), needs: .hosts)
    }
  }

  // MARK: Second pass

  private mutating func apply(_ recording: Recording) -> Recording {
    var result = Recording()
    result.notes.header = recording.notes.header
    result.notes.header.redacted = true
    for path in recording.nodes.keys.sorted() {
      guard var node = recording.nodes[path] else { continue }
      let sensitivity = Redactor.sensitivity(path, node)
      if let content = node.content { node.content = redacted(content, sensitivity, path) }
      if let target = node.target { node.target = redacted(target: target, of: path) }
      result.nodes[redacted(path: path)] = node
    }
    let notes = recording.notes
    for operation in RecordingNotes.Operation.allCases {
      guard let failures = notes.failures[operation] else { continue }
      result.notes.failures[operation] = keyed(failures) { $1 }
    }
    result.notes.statuses = keyed(notes.statuses) { $1 }
    result.notes.unread = keyed(notes.unread) { $1 }
    result.notes.realPaths = keyed(notes.realPaths) { $0.redacted(path: $1) }
    for folder in notes.listings.keys.sorted() {
      let prefix = folder == "/" ? "/" : folder + "/"
      let names = (notes.listings[folder] ?? []).sorted().map { name in
        let path = redacted(path: prefix + name)
        return String(path.split(separator: "/").last ?? "")
      }
      result.notes.listings[redacted(path: folder)] = names
    }
    for name in notes.probes.keys.sorted() {
      guard let answer = notes.probes[name] else { continue }
      let sensitivity = recording.probeSensitivities[name] ?? .none
      let newName = redacted(path: name)
      result.probeSensitivities[newName] = sensitivity
      switch answer {
      case .success(let content):
        result.notes.probes[newName] = .success(redacted(content, sensitivity, name))
      case .failure(var failure):
        failure.path = redacted(path: failure.path)
        result.notes.probes[newName] = .failure(failure)
      }
    }
    return result
  }

  private mutating func keyed<Value>(
    _ values: [String: Value], _ new: (inout Redactor, Value) -> Value
  ) -> [String: Value] {
    var result: [String: Value] = [:]
    for path in values.keys.sorted() {
      guard let value = values[path] else { continue }
      result[redacted(path: path)] = new(&self, value)
    }
    return result
  }

  private mutating func redacted(path: String) -> String {
    var patterns: TextReplacer.Patterns = [.hardware, .hosts]
    // Elsewhere UUIDs in names say what a thing is, as those of EFI variables do.
    if path.hasPrefix("/dev/") || path.hasPrefix("/run/") { patterns.insert(.uuids) }
    guard let new = replacer.replaced(Array(path.utf8), patterns, &pseudonyms) else { return path }
    return String(decoding: new, as: UTF8.self)
  }

  private mutating func redacted(target: String, of link: String) -> String {
    let isDevice = link.hasPrefix("/dev/") || link.hasPrefix("/run/")
    let patterns: TextReplacer.Patterns =
      isDevice ? [.hardware, .hosts, .uuids] : [.hardware, .hosts]
    guard let new = replacer.replaced(Array(target.utf8), patterns, &pseudonyms)
    else { return target }
    return String(decoding: new, as: UTF8.self)
  }

  private mutating func redacted(
    _ content: [UInt8], _ sensitivity: Sensitivity, _ path: String
  ) -> [UInt8] {
    if sensitivity == .configSpace { return ConfigSpaceRedaction.redacted(content, &pseudonyms) }
    if sensitivity == .smbios { return SMBIOS.redactingSerials(content) }
    let isMarked =
      sensitivity == .serial || sensitivity == .hardwareAddress || sensitivity == .hostName
    if isMarked, let text = Redactor.oneLine(content) {
      return whole(text, content, sensitivity, path)
    }
    var patterns: TextReplacer.Patterns = .hardware
    // The name of a distribution is a likely name of a host.
    if !path.hasSuffix("/os-release") { patterns.insert(.hosts) }
    if sensitivity == .freeText { patterns.formUnion([.uuids, .addresses]) }
    if sensitivity != .none { patterns.insert(.ambiguous) }
    let short = isMarked || sensitivity == .freeText ? replacingShort(content) : content
    return replacer.replaced(short, patterns, &pseudonyms) ?? short
  }

  /// A text that is nothing but the value, with the blanks around it.
  private mutating func whole(
    _ text: String, _ content: [UInt8], _ sensitivity: Sensitivity, _ path: String
  ) -> [UInt8] {
    let pseudonym: String?
    if sensitivity == .hostName {
      let patterns: TextReplacer.Patterns = [.hosts, .ambiguous]
      let new = replacer.replaced(Array(text.utf8), patterns, &pseudonyms)
      pseudonym = new.map { String(decoding: $0, as: UTF8.self) }
    } else {
      pseudonym = pseudonyms.serial(text, radix: Redactor.radix(path))
    }
    guard let pseudonym else { return content }
    let trimmed = ASCII.trimmed(content[...])
    return content[..<trimmed.startIndex] + Array(pseudonym.utf8) + content[trimmed.endIndex...]
  }

  /// The values of sensitive keys that are too short to be looked for everywhere.
  private mutating func replacingShort(_ content: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var isChanged = false
    for line in ASCII.lines(content) {
      let pair = SecretKeys.pairs(Array(line)).first
      if let pair, pair.value.utf8.count < Redactor.shortest,
        SecretKeys.sensitivity(key: pair.key) == .serial,
        let pseudonym = pseudonyms.serial(pair.value),
        let place = line.lastRange(of: Array(pair.value.utf8))
      {
        result += line[..<place.lowerBound] + Array(pseudonym.utf8) + line[place.upperBound...]
        isChanged = true
      } else {
        result += line
      }
      result.append(0x0a)
    }
    if !isChanged { return content }
    if content.last != 0x0a { result.removeLast() }
    return result
  }
}

extension Recording {
  /// The same recording with serial numbers, hardware addresses, host names, addresses and UUIDs
  /// replaced by pseudonyms.
  package func redacted() -> Recording { Redactor.redact(self) }
}

extension ArraySlice<UInt8> {
  /// Where some bytes occur last.
  fileprivate func lastRange(of part: [UInt8]) -> Range<Int>? {
    guard !part.isEmpty, part.count <= count else { return nil }
    for start in stride(from: endIndex - part.count, through: startIndex, by: -1)
    where self[start..<start + part.count].elementsEqual(part) {
      return start..<start + part.count
    }
    return nil
  }
}
