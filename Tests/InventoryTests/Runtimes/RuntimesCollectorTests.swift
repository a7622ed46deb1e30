import Base
import KernelTree
import RuntimeCatalog
import Testing

@testable import Inventory

@Suite struct RuntimesCollectorTests {
  private static let unit = """
    # Made by tinyboxd from /etc/tinybox/runtimes/llama.toml: changes here are lost.
    [Service]
    Environment="HF_TOKEN=secret"
    AllowedCPUs=0-3
    AllowedMemoryNodes=0-1
    NUMAPolicy=interleave
    MemoryMax=34359738368

    [X-Tinybox]
    GPUs=0000:21:00.0 0000:41:00.0
    Node=0

    """
  private static let registry = """
    {"schema":"tinybox.runtimes/1","written":"2026-11-30T00:00:00Z","instances":[{"name":"llama",\
    "model":"m","backend":"openai","apis":["chat"],"socket":"/run/tinybox-runtimes/llama.sock",\
    "slots":1,"state":"failed","reason":"it ended too often","since":"2026-11-30T00:00:00Z",\
    "created":0,"onDemand":false,"restarts":5}]}
    """

  private static var builder: MemoryTreeBuilder {
    var builder = MemoryTreeBuilder()
    builder.file("/etc/tinybox/runtimes/llama.toml", "model = \"m\"\n")
    builder.file("/etc/tinybox/runtimes/notes.txt", "no runtime")
    builder.file(RuntimesCollector.dropIn("llama"), unit)
    builder.file(RuntimeRegistry.path, registry)
    builder.probe(
      RuntimesCollector.leases,
      .success(Array("lease 0000:21:00.0 77 runtime llama\nlooked 1\n".utf8)))
    return builder
  }

  private static func collected(_ tree: KernelTree) -> Inventory {
    var inventory = Inventory(origin: "test")
    var context = CollectionContext(tree: tree, options: CollectionOptions())
    RuntimesCollector.collect(into: &inventory, &context)
    return inventory
  }

  @Test func `files, units, registry and leases become one`() throws {
    let inventory = Self.collected(Self.builder.tree())
    let state = try #require(inventory.runtimes)
    #expect(state.unknown.isEmpty && state.hasRegistry == true)
    #expect(state.registryWritten == "2026-11-30T00:00:00Z")
    let runtime = try #require(state.runtimes.first)
    #expect(state.runtimes.count == 1 && runtime.name == "llama")
    #expect(runtime.hasSpec == true && runtime.hasUnit == true && runtime.isJob == false)
    #expect(runtime.gpus.map { "\($0)" } == ["0000:21:00.0", "0000:41:00.0"])
    #expect(runtime.memoryNodes == NumberSet([0, 1]) && runtime.isInterleaved == true)
    #expect(runtime.memoryLimitBytes == 32 << 30 && runtime.model == "m")
    #expect(runtime.state == .failed && runtime.reason == "it ended too often")
    #expect(runtime.restarts == 5)
    let first = try #require(PCIAddress("0000:21:00.0"))
    #expect(state.lease(first)?.holder == "runtime llama")
    #expect(inventory.collectors.map(\.outcome) == [.found])
  }

  @Test func `a job has the state that the registry says, and its steps`() throws {
    var builder = Self.builder
    builder.file("/etc/tinybox/runtimes/train.toml", "kind = \"job\"\n")
    builder.file(
      RuntimesCollector.dropIn("train"), "[Service]\nStateDirectory=tinybox-runtime/train\n")
    builder.file(
      RuntimeRegistry.path,
      Self.registry.dropLast()
        + #","jobs":[{"name":"train","state":"ready","since":"2026-11-30T00:00:00Z","step":12,"#
        + #""steps":600,"stepsPerSecond":1.5}]}"#)
    let state = try #require(Self.collected(builder.tree()).runtimes)
    #expect(state.unknown.isEmpty)
    #expect(state.runtimes.map(\.name) == ["llama", "train"])
    let job = try #require(state.runtimes.last)
    #expect(job.isJob == true && job.state == .ready && job.restarts == nil)
    #expect(job.step == 12 && job.steps == 600 && job.stepsPerSecond == 1.5)
    #expect(state.runtimes[0].step == nil && state.runtimes[0].isJob == false)
  }

  @Test func `a box without runtimes has nothing of them`() {
    var nothing = Inventory(origin: "test")
    nothing.collectors = [CollectorReport(name: "Runtimes", outcome: .nothing)]
    #expect(Self.collected(MemoryTreeBuilder().tree()) == nothing)
    // An ordinary user may not read the registry; without a file of the owner's that says nothing.
    var builder = MemoryTreeBuilder()
    builder.directory("/etc/tinybox/runtimes")
    builder.set(RuntimeRegistry.path, .failing(.permissionDenied, kind: .file))
    #expect(Self.collected(builder.tree()).runtimes == nil)
  }

  @Test func `what cannot be read is unknown`() throws {
    var builder = Self.builder
    builder.set(RuntimeRegistry.path, .failing(.permissionDenied, kind: .file))
    builder.probe(
      RuntimesCollector.leases,
      .failure(ReadFailure(path: "/run/tinybox/leases", cause: .permissionDenied)))
    let state = try #require(Self.collected(builder.tree()).runtimes)
    #expect(state.unknown.map(\.fact) == ["registryWritten", "leases"])
    #expect(state.hasRegistry == nil && state.leases == nil)
    #expect(state.runtimes.map(\.state) == [nil])
    builder = Self.builder
    builder.remove("/etc/tinybox/runtimes")
    builder.set("/etc/tinybox/runtimes", .failing(.permissionDenied, kind: .directory))
    let other = try #require(Self.collected(builder.tree()).runtimes)
    #expect(other.unknown.map(\.fact) == ["runtimes"])
    #expect(other.runtimes.map(\.hasSpec) == [nil])
  }

  @Test func `no damage to a file makes up a fact`() throws {
    let whole = try #require(Self.collected(Self.builder.tree()).runtimes?.runtimes.first)
    for (path, tree) in Damage.trees(of: Self.builder) {
      for runtime in Self.collected(tree).runtimes?.runtimes ?? [] {
        #expect([whole.state, nil].contains(runtime.state), "\(path)")
        #expect([whole.gpus, []].contains(runtime.gpus), "\(path)")
        #expect([whole.memoryLimitBytes, nil].contains(runtime.memoryLimitBytes), "\(path)")
      }
    }
  }
}
