/// Not written yet.
enum InterruptCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
