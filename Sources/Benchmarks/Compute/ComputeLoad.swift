package import Base

/// One load of `compute.py`: what a plan orders, and the program gets as JSON.
package struct ComputeLoad: Codable, Hashable, Sendable {
  /// What is computed.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// The product of two square matrices.
    case gemm
    /// The sum of two arrays: memory limits it.
    case add
    /// The sum of one array of each device, on each device.
    case allReduce = "allreduce"
  }

  /// A type of numbers, by tinygrad's name.
  package enum NumberType: String, Codable, CaseIterable, Sendable {
    case float32, float16, bfloat16, int8

    /// Bytes of a number.
    var bytes: Int {
      switch self {
      case .float32: 4
      case .float16, .bfloat16: 2
      case .int8: 1
      }
    }
  }

  package var load: Kind
  package var type: NumberType
  /// Rows of a matrix, or numbers of an array.
  package var size: Int
  /// How many devices.
  package var devices: Int
  /// Seconds of the calls that count, at most.
  package var seconds = 0.0
  /// Of the random inputs.
  package var seed = 0

  /// A load.
  package init(_ load: Kind, _ type: NumberType, size: Int, devices: Int = 1) {
    self.load = load
    self.type = type
    self.size = size
    self.devices = devices
  }

  /// Multiplications and additions of a call: 2 n³, as the field counts a GEMM.
  package var operations: Int { load == .gemm ? 2 * size * size * size : 0 }

  /// Bytes of a call. Of an addition two arrays read and one written, as STREAM counts; of an all-reduce those
  /// of one device, as NCCL's algorithm bandwidth.
  package var bytes: Int {
    switch load {
    case .gemm: 0
    case .add: 3 * size * type.bytes
    case .allReduce: size * type.bytes
    }
  }

  /// What the samples are divided into: operations, or bytes.
  package var amount: Double { Double(max(operations, bytes)) }

  // MARK: in a plan

  /// As parameters of a measurement.
  package func parameters(dev: String) -> [String: String] {
    [
      "load": load.rawValue, "type": type.rawValue, "size": "\(size)", "devices": "\(devices)",
      "dev": dev,
    ]
  }

  /// From parameters of a measurement.
  package init(_ parameters: [String: String]) throws(Failure) {
    guard let load = parameters["load"].flatMap(Kind.init),
      let type = parameters["type"].flatMap(NumberType.init),
      let size = parameters["size"].flatMap({ Int($0) }),
      (1...(1 << 20)).contains(size)
        || (load != .gemm && (1...(1 << 34)).contains(size)),
      let devices = parameters["devices"].flatMap({ Int($0) }), (1...64).contains(devices)
    else {
      throw Failure("compute with tinygrad", because: "the plan names no load", code: .usage)
    }
    self.init(load, type, size: size, devices: devices)
  }
}
