/// Not written yet.
enum ProcessorCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
