/// Not written yet.
enum NICCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
