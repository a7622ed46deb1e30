/// Not written yet.
enum GPUCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
