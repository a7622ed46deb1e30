internal import Base
internal import KernelTree

/// Reads the facts of one function, step by step: what the list of all functions needs first, and
/// only then what costs more.
struct PCIFunctionReader {
  /// What was read so far.
  var function: PCIFunction
  /// The facts that are unknown, and where the others came from.
  var reader: FactReader
  /// Functions above it, nearest first, also beyond the host bridge of a volume management device.
  var ancestors: [PCIAddress] = []
  /// Its own `numa_node`; nil when it is -1.
  var ownNode: Int?
  /// Names in its folder; nil when they were not listed, and each must be tried.
  private var attributes: Set<String>?

  /// The folder of all functions.
  static let folder = "/sys/bus/pci/devices"

  /// A reader of the function at `address`, whose facts are in `folder`.
  init(_ address: PCIAddress, folder: String, _ context: CollectionContext) {
    function = PCIFunction(address: address)
    reader = context.reader(folder)
  }

  /// Where an ancestor lies, from this function's real path.
  func folder(of ancestor: PCIAddress) -> String? {
    guard let path = try? reader.tree.realPath(reader.base) else { return nil }
    var folder = ""
    for component in path.split(separator: "/") {
      folder += "/" + component
      if PCIAddress(component) == ancestor { return folder }
    }
    return nil
  }

  /// Whether an attribute is worth a try.
  func has(_ name: String) -> Bool { attributes?.contains(name) ?? true }

  /// Lists the attributes once, so that those that are not there cost nothing.
  mutating func listAttributes() {
    attributes = (try? reader.tree.source.entries(reader.base)).map(Set.init)
  }

  /// Identity, driver, place in the tree and own NUMA node: three or four reads.
  mutating func readBasics() {
    readPlace()
    readIdentity()
    // Nodes end at 1,024; a larger number is damage, as is any negative one but -1.
    let node = reader.parsed("numaNode", "numa_node") { text -> Int? in
      ASCII.decimal(text).flatMap { (-1...0xffff).contains($0) ? $0 : nil }
    }
    ownNode = node == -1 ? nil : node
  }

  private mutating func readPlace() {
    let address = function.address
    // The link in the list of devices is one step from the real path: no need to resolve it all.
    var target = try? reader.tree.source.linkTarget(reader.base)
    var place = target.flatMap { PCIDevicePath($0, to: address) }
    if place == nil {
      do throws(ReadFailure) {
        target = try reader.tree.realPath(reader.base)
        place = target.flatMap { PCIDevicePath($0, to: address) }
      } catch {
        reader.note("parent", error, expected: true)
        return
      }
    }
    guard let place else {
      reader.note("parent", path: reader.base, unknown: "path does not lead through a host bridge")
      return
    }
    reader.note("parent", source: reader.base)
    reader.note("rootBus", source: reader.base)
    function.rootBus = place.rootBus
    function.parent = place.bridges.last
    ancestors = (place.outer + place.bridges).reversed()
  }

  private mutating func readIdentity() {
    if has("uevent"), let text = reader.bytes("identity", "uevent") {
      let event = PCIUevent(text[...])
      if let ids = event.ids, let classCode = event.classCode {
        function.identity.vendorID = ids.vendor
        function.identity.deviceID = ids.device
        function.identity.classCode = classCode
        setSubsystem(vendor: event.subsystem?.vendor, device: event.subsystem?.device)
        function.driver = event.driver
        reader.note("driver", source: reader.path("uevent"))
        return
      }
    }
    // Recordings of other programs often lack it.
    func number<Value: FixedWidthInteger>(
      _ fact: String, _ file: String, expected: Bool = false, most: Value
    ) -> Value? {
      guard has(file) || expected else { return nil }
      return reader.parsed(fact, file, expected: expected) { text -> Value? in
        ASCII.hexadecimal(text).flatMap(Value.init(exactly:)).flatMap { $0 <= most ? $0 : nil }
      }
    }
    function.identity.vendorID = number("vendorID", "vendor", expected: true, most: .max)
    function.identity.deviceID = number("deviceID", "device", expected: true, most: .max)
    function.identity.classCode = number("classCode", "class", expected: true, most: 0xff_ffff)
    setSubsystem(
      vendor: number("subsystemVendorID", "subsystem_vendor", most: .max),
      device: number("subsystemID", "subsystem_device", most: .max))
    function.driver = reader.linkName("driver", "driver")
  }

  /// A bridge has no subsystem and says 0.
  private mutating func setSubsystem(vendor: UInt16?, device: UInt16?) {
    guard let vendor, vendor != 0, vendor != 0xffff else { return }
    function.identity.subsystemVendorID = vendor
    function.identity.subsystemID = device
  }

  /// CPUs close to it; all online ones when the kernel does not know better.
  mutating func readLocalCPUs() {
    if has("local_cpulist") {
      function.locality.localCPUs = reader.list("localCPUs", "local_cpulist")
    }
    if function.locality.localCPUs == nil, has("local_cpus") {
      function.locality.localCPUs = reader.parsed("localCPUs", "local_cpus") {
        NumberSet(mask: $0)
      }
    }
  }

  /// The function this one is a virtual function of.
  mutating func readPhysicalFunction() {
    guard has("physfn"), let name = reader.linkName("physicalFunction", "physfn") else { return }
    function.physicalFunction = PCIAddress(name)
  }

  /// The power state: before anything that would wake a sleeping device.
  mutating func readPowerState() {
    if has("power_state") { function.powerState = reader.text("powerState", "power_state") }
    if function.powerState == nil, has("power"),
      reader.text("powerState", "power/runtime_status") == "suspended"
    {
      function.powerState = "suspended"
    }
  }

  /// Its end of the link above it or, for a port, below it. Reading it wakes a suspended device
  /// (pci_config_pm_runtime_get in the kernel), so a sleeping one is left alone.
  mutating func readLink() {
    guard has("max_link_speed") || has("current_link_speed") else { return }
    if let state = function.powerState, LinkEnd.isAsleep(state) {
      reader.note(
        "link", path: reader.path("current_link_speed"), unknown: "device is in \(state)")
      return
    }
    let failures = reader.unknown.count
    let speed: Double?? = reader.parsed("link", "max_link_speed", PCILinkText.speed)
    // Only PCI Express functions have the files, and they have all four.
    if speed == nil && reader.unknown.count == failures { return }
    let width: Int?? = reader.parsed("link", "max_link_width", PCILinkText.width)
    function.link = PCIeLinkState(
      current: readCurrentRate(), maximum: PCIeRate(speed: speed ?? nil, width: width ?? nil))
  }

  /// What the link runs at now.
  mutating func readCurrentRate() -> PCIeRate? {
    let speed: Double?? = reader.parsed("link", "current_link_speed", PCILinkText.speed)
    let width: Int?? = reader.parsed("link", "current_link_width", PCILinkText.width)
    return PCIeRate(speed: speed ?? nil, width: width ?? nil)
  }

  /// The function with the list of its unknown facts.
  func finished() -> PCIFunction {
    var result = function
    result.unknown = reader.unknown
    result.sources = reader.sources
    return result
  }
}
