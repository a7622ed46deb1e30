internal import KernelTree

/// The interrupt numbers of a PCI function.
enum FunctionVectors {
  /// Its MSI and MSI-X numbers, or the number of its pin when it has none. Empty when it has no
  /// interrupt at all.
  ///
  /// The `irq` file counts only without MSI: with MSI-X it still names the pin, which is unused.
  static func numbers(of function: PCIFunction, _ tree: KernelTree) -> NumberSet {
    let messages = messages(of: function, tree)
    return messages.isEmpty
      ? pin(of: function, tree).map { NumberSet([$0]) } ?? NumberSet() : messages
  }

  /// Its MSI and MSI-X numbers.
  static func messages(of function: PCIFunction, _ tree: KernelTree) -> NumberSet {
    if let vectors = function.vectors, !vectors.allocated.isEmpty { return vectors.allocated }
    // Not listed yet when only the parts of a function that are cheap were collected.
    let names = (try? tree.source.entries(folder(function) + "/msi_irqs")) ?? []
    return NumberSet(
      names.compactMap { name in
        Int(name).flatMap { $0 >= 0 && $0 <= NumberSet.highest ? $0 : nil }
      })
  }

  /// The number behind its interrupt pin; nil when there is none.
  static func pin(of function: PCIFunction, _ tree: KernelTree) -> Int? {
    guard let text = try? tree.bytes(folder(function) + "/irq"),
      let number = ASCII.decimal(text[...]), number > 0, number <= NumberSet.highest
    else { return nil }
    return number
  }

  private static func folder(_ function: PCIFunction) -> String {
    "/sys/bus/pci/devices/\(function.address)"
  }
}
