/// Not written yet.
enum MemoryCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
