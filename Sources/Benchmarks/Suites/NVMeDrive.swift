internal import Base
internal import Inventory

/// A namespace of an NVMe drive, as it is measured.
struct NVMeDrive: Hashable {
  /// The controller, its first path where there are several.
  var controller: NVMeController
  /// The namespace.
  var namespace: NVMeController.Namespace
  /// What stays of it: serial number, else model with slot or address; with the id of a further namespace.
  var key: String
  /// For people: `nvme0n1 (Samsung SSD 990 PRO 2TB)`.
  var subject: String

  /// Every namespace with a size, in the order of the inventory.
  static func all(_ box: BenchmarkBox) -> [NVMeDrive] {
    var drives = box.inventory.nvme.filter { $0.pathOf == nil }.flatMap { controller in
      controller.namespaces.filter { ($0.sizeBytes ?? 0) > 0 }.map { namespace in
        NVMeDrive(
          controller: controller, namespace: namespace, key: key(controller, namespace, box),
          subject: "\(namespace.name) (\(controller.model ?? "unknown model"))")
      }
    }
    // Some makers give many drives one serial number.
    var counts: [String: Int] = [:]
    for drive in drives { counts[drive.key, default: 0] += 1 }
    for index in drives.indices where counts[drives[index].key, default: 0] > 1 {
      let place = drives[index].controller.address?.short ?? drives[index].namespace.name
      drives[index].key += "@\(place)"
    }
    return drives
  }

  private static func key(
    _ controller: NVMeController, _ namespace: NVMeController.Namespace, _ box: BenchmarkBox
  ) -> String {
    var key = controller.serial ?? ""
    if key.isEmpty {
      let slot = box.index.function(controller.address)?.slot
      key =
        "\(controller.model ?? "drive")@\(slot ?? controller.address?.short ?? namespace.name)"
    }
    if let id = namespace.id, id != 1 { key += "-namespace\(id)" }
    return SeriesKey.part(key)
  }

  /// Whether a block device is this namespace or a partition of it.
  func holds(_ device: String) -> Bool {
    guard device.hasPrefix(namespace.name) else { return false }
    let rest = device.dropFirst(namespace.name.count)
    return rest.isEmpty || (rest.first == "p" && Int(rest.dropFirst()) != nil)
  }

  /// What lies on it, in words; nil when the inventory looked and found nothing at all. A signature that
  /// nothing uses is looked for when it is measured.
  var content: String? {
    let uses = namespace.uses
    // Nothing listed is not the same as nothing there.
    if uses.isEmpty || controller.unknown.contains(where: { $0.fact.hasPrefix("uses") }) {
      return "it is not known what lies on it"
    }
    guard let use = uses.first(where: { $0.kind != .idle || $0.device != namespace.name }) else {
      return nil
    }
    let target = use.target.map { " \($0)" } ?? ""
    switch use.kind {
    case .idle: return "it has the partition \(use.device)"
    case .mount: return "\(use.device) is mounted at\(target)"
    case .swap: return "\(use.device) is swap"
    case .raid: return "\(use.device) is part of the array\(target)"
    case .deviceMapper, .other: return "\(use.device) is in use by\(target)"
    }
  }
}
