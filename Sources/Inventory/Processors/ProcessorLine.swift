/// What kind of processor a machine has, as far as advice and options of the firmware depend on it.
extension Processors {
  /// Whether they are of the x86 architecture; nil when neither vendor nor name shows it.
  public var isX86: Bool? {
    // x86 has `vendor_id`, with any maker; of the other architectures s390 alone has the field
    // (kernel: arch/s390/kernel/processor.c).
    if let vendor { return vendor != "IBM/S390" }
    guard let model else { return nil }
    if ["AMD", "Intel", "Hygon", "ZHAOXIN"].contains(where: { model.contains($0) }) { return true }
    return ARMNames.isOne(model) || model.hasPrefix("POWER") ? false : nil
  }

  /// Whether they are AMD's, or Hygon's of the same design; nil when that is not known.
  public var isAMD: Bool? {
    if let vendor { return vendor == "AuthenticAMD" || vendor == "HygonGenuine" }
    return isX86 == false ? false : model.flatMap { $0.contains("AMD") ? true : nil }
  }

  /// The option of the firmware that makes several NUMA nodes of a socket.
  public enum NodeOption: String, Hashable, Sendable {
    /// AMD's: NPS1, NPS2, NPS4.
    case nodesPerSocket = "NUMA nodes per socket (NPS)"
    /// Intel's.
    case subNUMAClustering = "Sub-NUMA Clustering (SNC)"
    /// Of the first EPYC and Threadripper.
    case memoryInterleaving = "Memory Interleaving (Channel, Die, Socket)"
  }

  /// The option that these have; nil for desktops and laptops, for other makers, and where the
  /// processor is not known.
  public var nodeOption: NodeOption? {
    guard let model else { return nil }
    if isAMD == true {
      let isLarge =
        vendor == "HygonGenuine" || model.contains("EPYC") || model.contains("Threadripper")
      guard isLarge, let family, family >= 0x17 else { return nil }
      // EPYC 7001 and Threadripper 1000 and 2000: family 0x17, models below 0x30.
      return family == 0x17 && (modelNumber ?? 0x30) < 0x30 ? .memoryInterleaving : .nodesPerSocket
    }
    // Xeon Scalable (Skylake-SP is model 0x55) has SNC, Haswell-EP and Broadwell-EP (0x3f, 0x4f)
    // cluster on die, which boards call SNC too.
    let clustered: Set<Int> = [0x3f, 0x4f, 0x55, 0x6a, 0x6c, 0x8f, 0xcf, 0xad, 0xae, 0xaf]
    guard vendor == "GenuineIntel", model.contains("Xeon"), family == 6, let modelNumber,
      clustered.contains(modelNumber)
    else { return nil }
    return .subNUMAClustering
  }

  /// Whether their memory hangs on a chip of the board, so that sockets have no memory of their own:
  /// Intel before Nehalem (family 6 below model 0x1a but for Dunnington, 0x1d; family 15).
  public var hasFrontSideBus: Bool {
    guard vendor == "GenuineIntel", let family, let modelNumber else { return false }
    return family == 15
      || family == 6 && (modelNumber < 0x1a || [0x1c, 0x1d].contains(modelNumber))
  }

  /// Whether some dies have no memory channels: two of the four of Threadripper 2990WX and 2970WX.
  public var hasDiesWithoutChannels: Bool {
    model.map { $0.contains("2990WX") || $0.contains("2970WX") } ?? false
  }
}
