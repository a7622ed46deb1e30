internal import Base
internal import KernelTree

/// Which PCI function each interrupt belongs to, and the name of that function.
struct InterruptOwners {
  private let tree: KernelTree
  /// Index into `Inventory.pci` by interrupt number.
  private var functionOf: [Int: Int] = [:]
  /// Functions that claim a pin, by interrupt number: a pin may be shared.
  private var pinClaims: [Int: [Int]] = [:]
  /// Names by function: looked up once each.
  private var names: [Int: Names] = [:]
  private var nicNames: [PCIAddress: [String]] = [:]
  private var nvmeNames: [PCIAddress: String] = [:]

  /// The names of a function.
  struct Names {
    /// Its network interfaces.
    var interfaces: [String] = []
    /// Its usual name: interface, controller, block device, else the driver.
    var device: String?
    /// Whether its data goes to block devices.
    var isStorage = false
  }

  /// Maps every number it can: by the vectors sysfs lists, by the address that newer kernels put
  /// into the chip's name (`PCI-MSIX-0000:21:00.0`), by an address in a handler's name, and by
  /// the pins of functions without any of these.
  init(
    _ inventory: Inventory, _ context: CollectionContext, rows: [Int: InterruptTable.Row],
    numbers: [Int]
  ) {
    tree = context.tree
    for nic in inventory.nics where nic.isRepresentor != true {
      if let address = nic.address { nicNames[address, default: []].append(nic.name) }
    }
    for controller in inventory.nvme {
      if let address = controller.address { nvmeNames[address] = controller.name }
    }
    for (index, function) in inventory.pci.enumerated() {
      for number in function.vectors?.allocated.numbers ?? [] { functionOf[number] = index }
    }
    var hasOpen = false
    var hasIdle = false
    for number in numbers where functionOf[number] == nil {
      if let row = rows[number],
        let index = InterruptOwners.address(in: row).flatMap({ context.functionIndex[$0] })
      {
        functionOf[number] = index
      } else {
        hasOpen = true
        // The numbers of the old interrupt controllers are always there, and nobody's.
        if rows[number] == nil, number > 15 { hasIdle = true }
      }
    }
    if !hasOpen { return }
    // A function with an address in one row has its other rows there as well; only sysfs shows
    // vectors without a row, of an interface that is down.
    let done = hasIdle ? [] : Set(functionOf.values)
    for (index, function) in inventory.pci.enumerated()
    where function.driver != nil && !done.contains(index) {
      let messages = FunctionVectors.messages(of: function, tree)
      if messages.isEmpty {
        // Nothing that arrives as a message came through a pin.
        if let pin = FunctionVectors.pin(of: function, tree),
          rows[pin]?.chip?.contains("MSI") != true
        {
          pinClaims[pin, default: []].append(index)
        }
      } else {
        for number in messages.numbers where functionOf[number] == nil {
          functionOf[number] = index
        }
      }
    }
  }

  /// The function an interrupt belongs to: index into `Inventory.pci`.
  func function(of number: Int, actions: [String], in pci: [PCIFunction]) -> Int? {
    if let index = functionOf[number] { return index }
    // Without a handler nobody uses the pin, whatever the board routes to it.
    guard let claims = pinClaims[number], !actions.isEmpty else { return nil }
    if claims.count == 1 { return claims[0] }
    let named = claims.filter { index in
      guard let driver = pci[index].driver else { return false }
      return actions.contains { $0.hasPrefix(driver) }
    }
    return named.count == 1 && actions.count == 1 ? named[0] : nil
  }

  mutating func names(of index: Int, in pci: [PCIFunction]) -> Names {
    if let known = names[index] { return known }
    let found = look(pci[index])
    names[index] = found
    return found
  }

  private func look(_ function: PCIFunction) -> Names {
    var result = Names()
    let kind = function.identity.classCode.map { $0 >> 16 }
    result.isStorage = kind == 0x01
    let folder = "/sys/bus/pci/devices/\(function.address)"
    if let known = nicNames[function.address] {
      result.interfaces = known
    } else if let known = nvmeNames[function.address] {
      result.device = known
    } else if function.driver == "virtio-pci" {
      // The device with a driver is one level down.
      for child in tree.namesIfPresent(folder) where child.hasPrefix("virtio") {
        result.interfaces += tree.namesIfPresent("\(folder)/\(child)/net")
        result.device = tree.namesIfPresent("\(folder)/\(child)/block").first
        if result.device == nil, let driver = try? tree.linkName("\(folder)/\(child)/driver") {
          result.device = driver
        }
      }
    } else if kind == 0x02 {
      result.interfaces = tree.namesIfPresent(folder + "/net")
    } else if kind == 0x01 {
      result.device = tree.namesIfPresent(folder + "/nvme").first
    }
    if !result.interfaces.isEmpty {
      result.interfaces.sort(by: NaturalOrder.precedes)
      result.device = result.interfaces.joined(separator: ",")
    }
    if result.device == nil { result.device = function.driver }
    return result
  }

  /// The address in a chip's or handler's name.
  static func address(in row: InterruptTable.Row) -> PCIAddress? {
    // `PCI-MSIX-0000:21:00.0`, `IR-PCI-MSI-10000:01:00.0`: no address holds a dash.
    if let chip = row.chip?.split(separator: " ").first, chip.contains("-MSI"),
      let address = chip.split(separator: "-").last.flatMap({ PCIAddress($0) })
    {
      return address
    }
    for action in row.actions {
      if let address = address(inAction: action) { return address }
    }
    return nil
  }

  /// `mlx5_comp3@pci:0000:21:00.0` and `ahci[0000:00:17.0]`.
  static func address(inAction action: String) -> PCIAddress? {
    if let at = action.lastIndex(of: "@") {
      let rest = action[action.index(after: at)...]
      return PCIAddress(rest.hasPrefix("pci:") ? rest.dropFirst(4) : rest)
    }
    if action.last == "]", let open = action.lastIndex(of: "[") {
      return PCIAddress(action[action.index(after: open)...].dropLast())
    }
    return nil
  }
}
