internal import Base
internal import Inventory

/// What the maker of a card says it can do at most: a row for each card whose figures are certain.
enum ComputeCeiling {
  private struct Card {
    /// PCI ids, and the revision where one id is of several cards.
    var vendor: UInt16
    var device: UInt16
    var revision: UInt8?
    var name: String
    /// Operations a second; a type without a figure has no ceiling.
    var operations: [ComputeLoad.NumberType: Double]
    /// Bytes a second of its memory.
    var bytes: Double
    var source: String

    func isCard(_ function: PCIFunction) -> Bool {
      guard vendor == function.identity.vendorID, device == function.identity.deviceID else {
        return false
      }
      return revision == nil || revision == function.identity.revision
    }
  }

  /// Without sparsity; of tensor cores with sums in float32.
  private static let cards = [
    Card(
      vendor: 0x1002, device: 0x744c, revision: 0xc8, name: "Radeon RX 7900 XTX",
      operations: [.float32: 61.4e12, .float16: 122.8e12, .bfloat16: 122.8e12], bytes: 960e9,
      source: "AMD's product page"),
    Card(
      vendor: 0x10de, device: 0x2684, revision: nil, name: "GeForce RTX 4090",
      operations: [
        .float32: 82.6e12, .float16: 165.2e12, .bfloat16: 165.2e12, .int8: 660.6e12,
      ], bytes: 1008e9, source: "NVIDIA's Ada whitepaper, appendix A"),
  ]

  /// The ceiling of a load on a card; nil where its maker's figure is not known here.
  static func of(_ load: ComputeLoad, _ address: PCIAddress?, _ box: BenchmarkBox)
    -> BenchmarkCeiling?
  {
    guard let function = box.index.function(address),
      let card = cards.first(where: { $0.isCard(function) })
    else { return nil }
    switch load.load {
    case .gemm:
      guard let most = card.operations[load.type] else { return nil }
      return BenchmarkCeiling([
        .init(
          "compute units", most,
          "\(Units.decimal(most / 1e12, places: 1)) T op/s in \(load.type.rawValue), \(card.source)"
        )
      ])
    case .add:
      return BenchmarkCeiling([
        .init(
          "memory of the card", card.bytes,
          "\(Units.decimal(card.bytes / 1e9, places: 0)) GB/s, \(card.source)")
      ])
    // Between cards the links limit, in a way that depends on the algorithm.
    case .allReduce: return nil
    }
  }
}
