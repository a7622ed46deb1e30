package import Base

extension GPU {
  /// Its usual name: `GPU0`; its address where it has no number.
  public var label: String { number.map { "GPU\($0)" } ?? "GPU \(address.short)" }

  /// With its address: `GPU0 21:00.0`.
  public var fullLabel: String { number.map { "GPU\($0) \(address.short)" } ?? label }
}

extension Inventory {
  /// Numbers the GPUs in the order of their addresses, those built into the processor last.
  /// - Parameter expected: addresses at which the box has GPUs by its profile. Each keeps its
  ///   number when its card is missing, so that the others keep theirs; GPUs elsewhere follow.
  ///   Those of built-in GPUs do not count: a profile names them too.
  package mutating func numberGPUs(expected: [PCIAddress] = []) {
    var numbers: [PCIAddress: Int] = [:]
    // Numbers count the cards that the box was bought for; what is built into the processor follows.
    let builtIn = gpus.filter { $0.isBuiltIn == true }.map(\.address).sorted()
    let cards = gpus.map(\.address).filter { !builtIn.contains($0) }.sorted()
    for address in Set(expected).subtracting(builtIn).sorted() + cards + builtIn
    where numbers[address] == nil {
      numbers[address] = numbers.count
    }
    for index in gpus.indices { gpus[index].number = numbers[gpus[index].address] }
  }

  /// The GPU of a name such as `GPU0` or `gpu0`; nil where there is none.
  package func gpu(named name: String) -> GPU? {
    let name = name.lowercased()
    guard name.hasPrefix("gpu"), let number = Int(name.dropFirst(3)) else { return nil }
    return gpus.first { $0.number == number }
  }
}
