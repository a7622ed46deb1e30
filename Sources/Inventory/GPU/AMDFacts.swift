internal import Base
internal import KernelTree

/// What the amdgpu driver reports about a card in its device folder.
enum AMDFacts {
  /// Facts the driver keeps in memory: reading them wakes nothing.
  static func readIdentity(
    _ gpu: inout GPU, _ facts: inout FactReader, _ names: Set<String>, serials: Bool
  ) {
    if names.contains("product_name") { gpu.name = facts.text("name", "product_name") }
    if names.contains("vbios_version") { gpu.vbios = facts.text("vbios", "vbios_version") }
    if serials, names.contains("unique_id") {
      gpu.uniqueID = facts.text("uniqueID", "unique_id", sensitivity: .serial)
    }
    func bytes(_ fact: String, _ file: String) -> Int? {
      names.contains(file) ? facts.decimal(fact, file) : nil
    }
    gpu.memoryTotalBytes = bytes("memoryTotalBytes", "mem_info_vram_total")
    gpu.memoryUsedBytes = bytes("memoryUsedBytes", "mem_info_vram_used")
    gpu.memoryVisibleBytes = bytes("memoryVisibleBytes", "mem_info_vis_vram_total")
  }

  /// Facts the driver asks the card for.
  static func readActivity(_ gpu: inout GPU, _ facts: inout FactReader, _ names: Set<String>) {
    func share(_ fact: String, _ file: String) -> Double? {
      guard names.contains(file) else { return nil }
      return facts.reading(.percent, fact, file).map { $0 / 100 }
    }
    gpu.busyShare = share("busyShare", "gpu_busy_percent")
    gpu.memoryBusyShare = share("memoryBusyShare", "mem_busy_percent")
    func clock(_ fact: String, _ file: String) -> Int? {
      guard names.contains(file),
        let hertz = facts.parsed(fact, file, { currentLevel($0) }) ?? nil,
        let value = facts.accept(
          .clock, Double(hertz), raw: "\(hertz)", fact, path: facts.path(file))
      else { return nil }
      return Int(value)
    }
    gpu.coreClockHertz = clock("coreClockHertz", "pp_dpm_sclk")
    gpu.memoryClockHertz = clock("memoryClockHertz", "pp_dpm_mclk")
    if names.contains("pcie_replay_count") {
      gpu.pcieReplays = facts.counter("pcieReplays", "pcie_replay_count")
    }
    if names.contains("ras") { readErrors(&gpu, &facts) }
  }

  private static func readErrors(_ gpu: inout GPU, _ facts: inout FactReader) {
    let files: [String]
    do throws(ReadFailure) {
      files = try facts.tree.names(facts.path("ras"))
    } catch {
      return facts.note("ecc", error)
    }
    var blocks: [String: GPU.ECCCount] = [:]
    for file in files where file.hasSuffix("_err_count") {
      guard let count = facts.parsed("ecc", "ras/" + file, errorCounts) else { continue }
      blocks[String(file.dropLast("_err_count".utf8.count))] = count
    }
    if blocks.isEmpty { return }
    gpu.ecc = blocks
    facts.note("ecc", source: facts.path("ras"))
  }

  /// The level a `pp_dpm_*` file marks as the present one (`1: 2482Mhz *`), in Hz. The outer nil is
  /// a malformed text, the inner one a text that marks none.
  static func currentLevel(_ text: ArraySlice<UInt8>) -> Int?? {
    for line in ASCII.lines(Array(text)) {
      let line = ASCII.trimmed(line)
      guard line.last == 0x2a, let colon = line.firstIndex(of: 0x3a) else { continue }
      let value = ASCII.trimmed(line[(colon + 1)..<(line.endIndex - 1)])
      let digits = value.prefix { $0 >= 0x30 && $0 <= 0x39 }
      let unit = String(decoding: value.dropFirst(digits.count), as: UTF8.self).lowercased()
      guard unit == "mhz", let megahertz = ASCII.decimal(digits) else { return nil }
      let (hertz, overflow) = megahertz.multipliedReportingOverflow(by: 1_000_000)
      return overflow ? nil : .some(hertz)
    }
    return .some(nil)
  }

  /// `ue: 0` and `ce: 0`, errors not corrected and corrected. Newer kernels add further lines.
  static func errorCounts(_ text: ArraySlice<UInt8>) -> GPU.ECCCount? {
    var count = GPU.ECCCount(corrected: nil, uncorrected: nil)
    for line in ASCII.lines(Array(text)) {
      guard let colon = line.firstIndex(of: 0x3a) else { continue }
      let number = ASCII.decimal(line[(colon + 1)...])
      switch String(decoding: ASCII.trimmed(line[..<colon]), as: UTF8.self) {
      case "ue": count.uncorrected = number
      case "ce": count.corrected = number
      default: break
      }
    }
    return count.corrected == nil && count.uncorrected == nil ? nil : count
  }
}
