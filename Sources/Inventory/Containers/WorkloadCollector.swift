/// Not written yet.
enum WorkloadCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
