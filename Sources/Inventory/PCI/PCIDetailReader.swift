internal import Base
internal import KernelTree

/// The facts of a function that only its own page shows, and that cost many reads.
extension PCIFunctionReader {
  /// Everything else: configuration space, base address registers, vectors, error counters.
  mutating func readDetail() {
    readPowerState()
    readPhysicalFunction()
    readLocalCPUs()
    readLink()
    let space = readConfig()
    if function.identity.revision == nil, has("revision") {
      function.identity.revision = reader.parsed("revision", "revision") { text -> UInt8? in
        ASCII.hexadecimal(text).flatMap(UInt8.init(exactly:))
      }
    }
    readBars(space)
    readVectors(space)
    readErrors()
    readASPM()
    readSoftwareState()
  }

  /// Whether a function without a driver is kept for somebody, and whether it answers.
  mutating func readUnheld() {
    readPowerState()
    readOverride()
    // In D3 there is nothing to read from, and the kernel would power it up to try.
    if let state = function.powerState, LinkEnd.isAsleep(state) { return }
    if let bytes = try? reader.tree.bytes(
      reader.path("config"), limit: ConfigSpace.extendedSize, sensitivity: .configSpace)
    {
      function.isDead = ConfigSpace(bytes).isDead
    }
  }

  private mutating func readOverride() {
    if has("driver_override"), let name = reader.text("driverOverride", "driver_override"),
      name != "(null)"
    {
      function.driverOverride = name
    }
  }

  /// The slot label: the board's, else the device's own, else that of the nearest bridge above: a
  /// card with a switch of its own has its slot at the switch's upstream port.
  mutating func readSlot(_ slots: PCISlots) {
    function.slot = slots[function.address]
    if function.slot == nil, has("label") { function.slot = reader.text("slot", "label") }
    if function.slot != nil || function.isBridge { return }
    // The last one is on the root bus, where no card is.
    function.slot = ancestors.dropLast().lazy.compactMap { slots[$0] }.first
  }

  /// Which kind of port a bridge is: a root port, or one of a switch.
  mutating func readPortType() {
    if function.isBridge { _ = readConfig() }
  }

  /// IOMMU group, virtual functions and the rest of what the kernel keeps for it.
  private mutating func readSoftwareState() {
    readOverride()
    if has("iommu_group"), let name = reader.linkName("iommuGroup", "iommu_group") {
      function.iommuGroup = ASCII.decimal(Array(name.utf8)[...])
      if function.iommuGroup == nil {
        reader.note(
          "iommuGroup", path: reader.path("iommu_group"), unknown: "cannot understand '\(name)'")
      }
    }
    if has("sriov_totalvfs") {
      function.virtualFunctionsPossible = count("virtualFunctionsPossible", "sriov_totalvfs")
      function.virtualFunctionsEnabled = count("virtualFunctionsEnabled", "sriov_numvfs")
    }
    if has("p2pmem") {
      function.peerMemoryBytes = count("peerMemoryBytes", "p2pmem/size")
      function.peerMemoryPublished = reader.flag("peerMemoryPublished", "p2pmem/published")
    }
    // Without a driver it holds the kernel's default of 32.
    if function.driver != nil, has("dma_mask_bits") {
      function.dmaMaskBits = reader.parsed("dmaMaskBits", "dma_mask_bits") { text in
        ASCII.decimal(text).flatMap { (1...64).contains($0) ? $0 : nil }
      }
    }
  }

  /// What the IOMMU does for its group. A group has many functions and is read once.
  mutating func readGroupType(_ types: inout IOMMUGroupTypes) {
    guard let group = function.iommuGroup else { return }
    let path = IOMMUGroupTypes.path(group)
    switch types.type(of: group, reader.tree) {
    case .value(let type):
      function.iommuGroupType = type
      reader.note("iommuGroupType", source: path)
    // Kernels before 4.14 have no such file.
    case .missing: break
    case .failed(let reason): reader.note("iommuGroupType", path: path, unknown: reason)
    }
  }

  /// What the kernel allows on the link above (Documentation/ABI/testing/sysfs-bus-pci, `link/`). It
  /// keeps the files at the lower end, and reading them does not wake the device.
  private mutating func readASPM() {
    guard has("link") else { return }
    let files = [("l0s", "L0s"), ("l1", "L1"), ("l1_1", "L1.1"), ("l1_2", "L1.2")]
    let states = files.compactMap { file, name in
      reader.flag("aspm", "link/\(file)_aspm").map { (name, $0) }
    }
    // A link without any of the states has no file.
    if states.isEmpty { return }
    function.aspm = states.filter(\.1).map(\.0)
  }

  /// A number that is not negative.
  private mutating func count(_ fact: String, _ file: String) -> Int? {
    reader.parsed(fact, file) { text in ASCII.decimal(text).flatMap { $0 >= 0 ? $0 : nil } }
  }

  private mutating func readConfig() -> ConfigSpace? {
    let path = reader.path("config")
    // In D3cold there is nothing to read from, and the kernel would power it up to try.
    if let state = function.powerState, state == "D3cold" || state == "suspended" {
      reader.note("configBytes", path: path, unknown: "device is in \(state)")
      return nil
    }
    guard
      let bytes = reader.bytes(
        "configBytes", "config", expected: true, limit: ConfigSpace.extendedSize,
        sensitivity: .configSpace)
    else { return nil }
    let space = ConfigSpace(bytes)
    function.configBytes = bytes.count
    function.isDead = space.isDead
    if space.isDead { return nil }
    function.identity.vendorID = function.identity.vendorID ?? space.vendorID
    function.identity.deviceID = function.identity.deviceID ?? space.deviceID
    function.identity.classCode = function.identity.classCode ?? space.classCode
    function.identity.revision = space.revision
    function.express = take(space.express, "express")
    function.acs = take(space.acs, "acs")
    if case .unknown = space.acs {} else { function.hasACS = function.acs != nil }
    return space
  }

  /// The value of a fact of configuration space; unknown ones are noted.
  private mutating func take<Value>(_ fact: ConfigSpace.Fact<Value>, _ name: String) -> Value? {
    switch fact {
    case .absent: return nil
    case .known(let value):
      reader.note(name, source: reader.path("config"))
      return value
    case .unknown(let reason):
      reader.note(name, path: reader.path("config"), unknown: reason)
      return nil
    }
  }

  private mutating func readBars(_ space: ConfigSpace?) {
    guard has("resource") else { return }
    function.bars = reader.parsed("bars", "resource", PCIResources.bars) ?? []
    var resizable: [Int: ConfigSpace.ResizableBar] = [:]
    // A bridge has nothing to resize.
    if !function.isBridge, let space, let bars = take(space.resizableBars, "resizableBar") {
      for bar in bars where resizable[bar.index] == nil { resizable[bar.index] = bar }
    }
    for position in function.bars.indices where function.bars[position].index <= 5 {
      let index = function.bars[position].index
      var sizes = resizable[index]?.possibleSizesBytes ?? []
      function.bars[position].setSizeBytes = resizable[index]?.setSizeBytes
      // The kernel knows of sizes that some cards do not admit to.
      if has("resource\(index)_resize"),
        let bitmap = reader.hexadecimal("resizableBar", "resource\(index)_resize")
      {
        sizes = Set(sizes).union(ConfigSpace.sizes(bitmap: bitmap)).sorted()
      }
      function.bars[position].possibleSizesBytes = sizes.isEmpty ? nil : sizes
    }
  }

  private mutating func readVectors(_ space: ConfigSpace?) {
    var numbers: [Int] = []
    var kind: String?
    if has("msi_irqs") {
      do throws(ReadFailure) {
        for name in try reader.tree.source.entries(reader.path("msi_irqs")) {
          guard let number = ASCII.decimal(Array(name.utf8)[...]),
            (0...NumberSet.highest).contains(number)
          else { continue }
          numbers.append(number)
        }
      } catch {
        reader.note("vectors", error)
      }
      // All vectors of a function are of one kind.
      kind = numbers.min().flatMap { readVectorKind("msi_irqs/\($0)") }
    }
    let counts = space.flatMap { take($0.vectors, "vectors") }
    guard counts != nil || !numbers.isEmpty else { return }
    let possible = kind == "msi" ? counts?.msi : counts?.msix ?? counts?.msi
    function.vectors = PCIVectors(kind: kind, allocated: NumberSet(numbers), possible: possible)
  }

  /// `msi` or `msix`. Kernels before 3.14 have a folder where later ones have a file.
  private mutating func readVectorKind(_ file: String) -> String? {
    do throws(ReadFailure) {
      let kind = try reader.tree.text(reader.path(file))
      return kind.isEmpty ? nil : kind
    } catch {
      if let kind = reader.tree.textIfPresent(reader.path(file + "/mode")) { return kind }
      reader.note("vectors", error)
      return nil
    }
  }

  private mutating func readErrors() {
    var errors = PCIeErrors()
    var isCounted = false
    func counts(_ file: String) -> PCIeErrorFiles.Counts? {
      guard has(file) else { return nil }
      let counts = reader.parsed("aer", file, PCIeErrorFiles.parse)
      isCounted = isCounted || counts != nil
      return counts
    }
    if let found = counts("aer_dev_correctable") {
      (errors.correctable, errors.correctableTotal) = (found.byName, found.total)
    }
    if let found = counts("aer_dev_nonfatal") {
      (errors.nonFatal, errors.nonFatalTotal) = (found.byName, found.total)
    }
    if let found = counts("aer_dev_fatal") {
      (errors.fatal, errors.fatalTotal) = (found.byName, found.total)
    }
    if has("aer_rootport_total_err_cor") {
      let totals = PCIeErrors.RootPortTotals(
        correctable: count("aer", "aer_rootport_total_err_cor"),
        nonFatal: count("aer", "aer_rootport_total_err_nonfatal"),
        fatal: count("aer", "aer_rootport_total_err_fatal"))
      if totals != PCIeErrors.RootPortTotals(correctable: nil, nonFatal: nil, fatal: nil) {
        errors.rootPort = totals
        isCounted = true
      }
    }
    if isCounted { function.aer = errors }
  }
}
