/// Not written yet.
enum MachineCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
