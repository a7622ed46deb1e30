/// Not written yet.
enum NVMeCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {}
}
