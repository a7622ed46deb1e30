package import API

/// The interface of the daemon: a file for each area. An endpoint is one value in its list.
package enum Endpoints {
  /// All of them, in the order of the reference.
  package static let all: [Endpoint<Service>] = [
    machine,
    checks,
    peers,
    placement,
    events,
    benchmarks,
    runtimes,
    setup,
    daemon,
  ].flatMap(\.self)
}
