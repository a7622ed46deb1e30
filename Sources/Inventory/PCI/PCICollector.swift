/// Not written yet.
enum PCICollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
