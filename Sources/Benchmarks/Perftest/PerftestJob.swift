/// One call of `ib_write_bw` of perftest (https://github.com/linux-rdma/perftest) as a client: RDMA writes into
/// the memory of the peer.
package struct PerftestJob: Hashable, Sendable {
  /// Where `ib_write_bw` runs as a server.
  package var peer: String
  /// The RDMA device here, such as `mlx5_0`.
  package var device: String
  /// Seconds that are measured.
  package var seconds: Double

  /// A measurement.
  package init(peer: String, device: String, seconds: Double) {
    self.peer = peer
    self.device = device
    self.seconds = seconds
  }

  /// The port that its server listens on by default.
  package static let port = 18515
  /// Seconds at the start and at the end that do not count. perftest has 2 of its own accord, more than a
  /// quick run measures.
  package static let marginSeconds = 1

  /// Program and arguments. `-F` keeps it from refusing CPUs whose clock moves.
  package var command: [String] {
    [
      "ib_write_bw", "--ib-dev=\(device)", "--port=\(PerftestJob.port)",
      "--duration=\(wholeSeconds)",
      "--margin=\(PerftestJob.marginSeconds)", "--report_gbits", "-F", peer,
    ]
  }

  /// Seconds in all: perftest takes whole ones.
  package var wholeSeconds: Int {
    Int(min(max(seconds, 1), 86_400).rounded(.up)) + 2 * PerftestJob.marginSeconds
  }
}
