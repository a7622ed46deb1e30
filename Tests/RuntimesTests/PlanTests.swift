import Base
import Inventory
import Placement
import RuntimeCatalog
import TestSupport
import Testing

@testable import Runtimes

@Suite(.seeded) struct PlanTests {
  @Test func `each start that idle times allow has room in systemd's ten minutes`() throws {
    let bench = try PlanBench()
    for (idle, burst) in [("10s", 65), ("1m", 15), ("20m", 5)] {
      let unit = try bench.unit("model = \"llama\"\non-demand = true\nidle = \"\(idle)\"")
      #expect(unit.dropIns[0].text.contains("\nStartLimitBurst=\(burst)\n"))
    }
    #expect(try !bench.unit("model = \"llama\"").dropIns[0].text.contains("StartLimitBurst"))
  }

  @Test func `a GPU by its address`() throws {
    let bench = try PlanBench()
    let unit = try bench.unit("model = \"llama\"\ngpus = [\"0000:81:00.0\"]\non-demand = true")
    #expect(unit.gpus == [PlanBench.first] && unit.leases == unit.gpus)
    #expect(unit.cpus == NumberSet(range: 4...7))
    #expect(unit.memoryNodes == NumberSet([1]) && unit.node == 1)
    #expect(unit.context == 2048)
    #expect(unit.longestToken == 10)
    #expect(unit.specialTokens == ["<|eot_id|>"])
    #expect(unit.fit?.verdict == .fits)
    #expect(unit.backend == "tinygrad-0.13.0" && unit.apis == [.chat])
    #expect(unit.warnings.isEmpty)
    #expect(
      unit.dropIns.map(\.path) == [
        "/run/systemd/system/tinybox-runtime@llama.service.d/10-tinybox.conf",
        "/run/systemd/system/tinybox-runtime-door@llama.service.d/10-tinybox.conf",
      ])
    #expect(
      unit.dropIns[0].text == """
        # Made by tinyboxd from /etc/tinybox/runtimes/llama.toml: changes here are lost.
        # GPU 0000:81:00.0: AMD Radeon RX 7900 XTX, number 0 of DEV, node 3 of KFD, GPU1 of this machine
        [Unit]
        StopWhenUnneeded=yes
        StartLimitBurst=5

        [Service]
        ExecStart=
        ExecStart="/var/lib/tinybox/runtime/tinygrad-0.13.0/bin/python" "-m" "tinygrad.llm" "--model" \
        "/var/lib/tinybox/models/llama/model.gguf" "--max_context" "2048" "--serve" "8000"
        Environment="PYTHONPATH=/usr/lib/tinybox"
        Environment="TINYBOX_MODELS=/var/lib/tinybox/models"
        Environment="DEV=KFD:0+AMD"
        Environment="TINYBOX_GPUS=0000:81:00.0"
        BindReadOnlyPaths="/var/lib/tinybox/models/llama"
        BindReadOnlyPaths="/var/lib/tinybox/runtime/tinygrad-0.13.0"
        DeviceAllow=/dev/dri/renderD129 rw
        DeviceAllow=/dev/kfd rw
        InaccessiblePaths=-/dev/dri/renderD128 -/dev/dri/renderD130
        SupplementaryGroups=render video
        AllowedCPUs=4-7
        AllowedMemoryNodes=1
        NUMAPolicy=bind
        NUMAMask=1
        MemoryMax=\(unit.memoryBytes ?? 0)

        [X-Tinybox]
        GPUs=0000:81:00.0
        Node=1

        """)
    #expect(
      unit.dropIns[1].text == """
        # Made by tinyboxd from /etc/tinybox/runtimes/llama.toml: changes here are lost.
        [Service]
        ExecStart=
        ExecStart=/usr/lib/systemd/systemd-socket-proxyd --connections-max=4 --exit-idle-time=1200s \
        127.0.0.1:8000

        """)
    #expect(
      RuntimeUnit.Held(dropIn: unit.dropIns[0].text) == .init(gpus: [PlanBench.first], node: 1))
    #expect(
      RuntimeUnit.Held(dropIn: "GPUs=x 0000:81:00.0\nNode=-4\n=\n")
        == .init(gpus: [PlanBench.first]))
  }

  /// The unit sees its own GPUs alone, so their numbers begin at 0, in KFD's order.
  @Test func `numbers of GPUs follow KFD, not their addresses`() throws {
    var bench = try PlanBench()
    let llama = "\ncommand = [\"/x\", \"{model}\"]\napis = [\"chat\"]"
    let unit = try bench.unit("model = \"llama\"\ngpus = [\"0000:82:00.0\", \"0000:81:00.0\"]")
    #expect(unit.gpus == [PlanBench.first, PlanBench.second])
    #expect(unit.dropIns[0].text.contains("DEV=KFD:0,1+AMD"))
    #expect(unit.dropIns[0].text.contains("0000:82:00.0: AMD Radeon RX 7900 XTX, number 0 of DEV"))
    #expect(
      unit.warnings == [
        "tinygrad 0.13.0 cannot split a model over several GPUs: it computes on one of the 2"
      ])
    let other = try bench.unit("model = \"llama\"\ngpus = 2" + llama)
    #expect(other.warnings.isEmpty)
    #expect(!other.dropIns[0].text.contains("DEV="))
    // NVIDIA's driver lists every card of the machine.
    for index in bench.inventory.gpus.indices { bench.inventory.gpus[index].driver = "nvidia" }
    let nvidia = try bench.unit("model = \"llama\"\ngpus = [\"0000:82:00.0\"]")
    #expect(nvidia.dropIns[0].text.contains("DEV=NVK:2+NV"))
    #expect(nvidia.dropIns[0].text.contains("CUDA_DEVICE_ORDER=PCI_BUS_ID"))
    #expect(!nvidia.dropIns[0].text.contains("SupplementaryGroups"))
    bench.inventory.gpus[0].driver = "amdgpu"
    let mixed = try bench.refusal("model = \"llama\"\ngpus = [\"0000:82:00.0\", \"0000:21:00.0\"]")
    #expect(mixed.reason.hasSuffix("these have amdgpu and nvidia"))
    bench.inventory.gpus[0].kfd = nil
    #expect(
      try bench.refusal("model = \"llama\"\ngpus = [\"0000:21:00.0\"]").reason.contains(
        "no node of KFD"))
  }

  @Test func `GPUs by number are of one node, and no two runtimes have the same`() throws {
    var bench = try PlanBench()
    let two = "model = \"llama\"\ncommand = [\"/x\"]\napis = [\"chat\"]\ngpus = 2"
    #expect(try bench.unit(two).gpus == [PlanBench.first, PlanBench.second])
    let plan = try bench.plan([
      "a": two, "b": "model = \"llama\"\ngpus = 1", "c": "model = \"llama\"\ngpus = 1",
    ])
    #expect(plan.units.map(\.name) == ["a", "b"])
    #expect(plan.units[1].gpus == [PlanBench.far])
    #expect(plan.refusals.map(\.name) == ["c"])
    #expect(plan.refusals[0].state == .missingGPU)
    #expect(plan.refusals[0].reason.hasPrefix("there are not 1 free GPU\n"))
    #expect(plan.refusals[0].reason.contains("it belongs to runtime a"))
    // Where no node has enough, of as few nodes as can be; their CPUs and memory are those of all.
    let three = try bench.unit(two.replacing("gpus = 2", with: "gpus = 3"))
    #expect(three.gpus.count == 3 && three.node == nil)
    #expect(three.cpus == NumberSet(range: 0...7) && three.memoryNodes == NumberSet([0, 1]))
    #expect(!three.dropIns[0].text.contains("NUMAPolicy"))
    let named = "model = \"llama\"\ngpus = [\"0000:81:00.0\"]"
    let both = try bench.plan(["a": named, "b": named])
    #expect(both.refusals.map(\.reason) == ["GPU 0000:81:00.0 belongs to runtime a"])
    // What holds it keeps it, whatever the names.
    bench.held["b"] = .init(gpus: [PlanBench.first])
    #expect(try bench.plan(["a": named, "b": named]).units.map(\.name) == ["b"])
    bench.held = ["b": .init(gpus: [PlanBench.second])]
    // Another one that names it now has to wait.
    let waits = try bench.plan([
      "a": "model = \"llama\"\ngpus = [\"0000:82:00.0\"]", "b": "model = \"llama\"\ngpus = 1",
    ])
    #expect(waits.refusals.map(\.reason) == ["GPU 0000:82:00.0 belongs to runtime b"])
    let kept = try bench.plan([
      "a": "model = \"llama\"\ngpus = 1", "b": "model = \"llama\"\ngpus = 1",
    ])
    #expect(kept.units.first { $0.name == "b" }?.gpus == [PlanBench.second])
  }

  @Test func `a GPU that is not there, or belongs to somebody else`() throws {
    var bench = try PlanBench()
    let missing = try bench.refusal("model = \"llama\"\ngpus = [\"0000:99:00.0\"]")
    #expect(missing.state == .missingGPU)
    #expect(
      missing.reason
        == "there is no GPU 0000:99:00.0; there are 0000:21:00.0, 0000:81:00.0, 0000:82:00.0")
    var container = Container(id: "abc", engine: .podman, group: ControlGroup(path: "/x"))
    container.labels[Allocation.gpuLabel] = "0000:81:00.0"
    bench.inventory.workloads.containers = [container]
    #expect(
      try bench.refusal("model = \"llama\"\ngpus = [\"0000:81:00.0\"]").reason
        == "GPU 0000:81:00.0 belongs to container abc")
    // A process on the GPU may be the runtime itself.
    bench.inventory.workloads.containers = []
    bench.inventory.gpus[1].processes = [.init(pid: 7, name: "python", evidence: "kfd")]
    #expect(
      try bench.unit("model = \"llama\"\ngpus = [\"0000:81:00.0\"]").gpus == [PlanBench.first])
    #expect(try bench.unit("model = \"llama\"\ngpus = 1").gpus != [PlanBench.first])
  }

  @Test func `without a GPU it is on the node with the most memory left`() throws {
    var bench = try PlanBench()
    bench.inventory.memory.nodes[0].totalBytes = 63 << 30
    let unit = try bench.unit("model = \"llama\"\nenvironment = { REALIZE = \"1\" }")
    #expect(unit.node == 1 && unit.cpus == NumberSet(range: 4...7))
    let text = unit.dropIns[0].text
    #expect(text.contains("PrivateDevices=yes") && !text.contains("DeviceAllow"))
    #expect(
      text.contains("DEV=CPU:X86") && text.contains("CPU_COUNT=4") && text.contains("REALIZE=1"))
    #expect(unit.fit?.text.contains("64 GiB of NUMA node 1") == true)
    bench.held["llama"] = .init(node: 0)
    #expect(try bench.unit("model = \"llama\"").node == 0)
    // Each takes what it needs: the next goes elsewhere.
    bench.held = [:]
    var record = try ModelTests.record()
    record.files[0].bytes = 8 << 30
    record.facts.fileBytes = 8 << 30
    bench.models["llama"] = .usable(record)
    let plan = try bench.plan([
      "a": "model = \"llama\"", "b": "model = \"llama\"", "c": "model = \"llama\"",
    ])
    #expect(plan.units.map(\.node) == [1, 0, 1])
    // Programs whose needs are not known do not share CPUs while those of another node are idle.
    let program = "command = [\"/x\"]\napis = [\"embeddings\"]"
    let programs = try bench.plan(["a": program, "b": program, "c": "model = \"llama\""])
    #expect(programs.units.map(\.node) == [1, 0, 1])
    bench.held = ["b": .init(node: 1)]
    #expect(try bench.plan(["a": program, "b": program]).units.map(\.node) == [0, 1])
  }

  @Test func `a model larger than a node is spread over those named`() throws {
    var bench = try PlanBench()
    var record = try ModelTests.record()
    record.files[0].bytes = 100 << 30
    record.facts.fileBytes = 100 << 30
    bench.models["llama"] = .usable(record)
    let refusal = try bench.refusal("model = \"llama\"")
    #expect(refusal.state == .failed)
    #expect(
      refusal.reason.hasSuffix(
        "and 64 GiB of NUMA node 0 is less; 'memory-nodes' spreads it over several nodes"))
    let unit = try bench.unit("model = \"llama\"\nmemory-nodes = \"0-1\"")
    #expect(unit.cpus == NumberSet(range: 0...7) && unit.memoryNodes == NumberSet([0, 1]))
    #expect(
      unit.dropIns[0].text.contains("AllowedMemoryNodes=0-1\nNUMAPolicy=interleave\nNUMAMask=0-1\n")
    )
    #expect(unit.warnings.isEmpty)
    #expect(
      try bench.refusal("model = \"llama\"\nmemory-nodes = \"0-3\"").reason
        == "memory-nodes: there is no node 2")
    // With a GPU the owner is warned; llama.cpp computes on CPUs what does not fit.
    let beside = try bench.unit(
      "model = \"llama\"\ncommand = [\"/x\", \"{model}\"]\nbackend = \"llama.cpp\"\ngpus = [\"0000:81:00.0\"]\n"
        + "memory-nodes = [0, 1]")
    #expect(beside.warnings.count == 2)
    #expect(beside.warnings.contains { $0.contains("staging buffers") })
    #expect(try bench.refusal("model = \"llama\"\ngpus = 1").reason.contains("a smaller 'context'"))
  }

  @Test func `models that cannot be used`() throws {
    var bench = try PlanBench()
    let missing = try bench.refusal("model = \"lama\"")
    #expect(missing.state == .damagedModel)
    #expect(missing.reason == "there is no model 'lama'; did you mean 'llama'?")
    bench.models["llama"] = .damaged("its hash is another one")
    #expect(
      try bench.refusal("model = \"llama\"").reason == "model 'llama': its hash is another one")
    var record = try ModelTests.record()
    record.facts.tokenizer.pre = "smollm"
    bench.models["llama"] = .usable(record)
    let refused = try bench.refusal("model = \"llama\"")
    #expect(refused.state == .failed && refused.reason.contains("no tokenizer 'smollm'"))
    // A refused runtime keeps no GPU.
    let plan = try bench.plan([
      "a": "model = \"llama\"\ngpus = 3", "b": "command = [\"/x\"]\napis = [\"chat\"]\ngpus = 3",
    ])
    #expect(plan.units.map(\.name) == ["b"])
    // The registry tells clients why.
    let spec = try SpecTests.spec("model = \"llama\"")
    let instance = RuntimeInstance(refused, spec, since: "2026-11-30T00:00:00Z")
    #expect(instance.state == .failed && instance.reason == refused.reason)
    let unit = RuntimeInstance(plan.units[0], state: .idle, since: "2026-11-30T00:00:00Z")
    let registry = RuntimeRegistry(written: "2026-11-30T00:00:00Z", instances: [instance, unit])
    #expect(registry.problem == nil && unit.backend == "openai")
  }

  @Test func `a command, its socket, and what is quoted`() throws {
    let bench = try PlanBench()
    let unit = try bench.unit(
      """
      model = "llama"
      command = ["/opt/llama server", "-m", "{model}", "--host", "{socket}", "-t", "{threads}", "a\\"b\\\\c%d$e", "{}"]
      backend = "llama.cpp"
      endpoint = "unix"
      slots = 4
      threads = 3
      """)
    let text = unit.dropIns[0].text
    #expect(
      text.contains(
        #"ExecStart="/opt/llama server" "-m" "/var/lib/tinybox/models/llama/model.gguf" "--host" "#
          + #""/run/tinybox-runtime/llama/api.sock" "-t" "3" "a\"b\\c%%d$$e" "{}""#))
    // The template has it: systemd does not remove a folder that it knows from a drop-in which is gone.
    #expect(!text.contains("RuntimeDirectory="))
    #expect(text.contains("RestrictAddressFamilies=AF_UNIX"))
    #expect(text.contains("OMP_NUM_THREADS=3") && !text.contains("DEV="))
    #expect(
      unit.dropIns[1].text.contains(
        "--connections-max=7 /run/tinybox-runtime/llama/api.sock\nUser=tbx-llama\n"))
    #expect(unit.context == 2048 && unit.apis == [.chat, .completions, .embeddings, .responses])
    let bare = try bench.unit("command = [\"/x\"]\napis = [\"chat\"]")
    #expect(bare.memoryBytes == 48 << 30)
    var record = try ModelTests.record()
    record.facts.context = nil
    var other = bench
    other.models["llama"] = .usable(record)
    #expect(
      try other.refusal("model = \"llama\"\ncommand = [\"/x\", \"{context}\"]\napis = [\"chat\"]")
        .reason
        == "how much context the model has is not known; 'context' sets it")
    let job = try bench.unit(
      "kind = \"job\"\ncommand = [\"/var/lib/tinybox/runtime/tinygrad-0.13.0/bin/python\", \"x.py\"]\ngpus = 1"
    )
    #expect(job.dropIns.count == 1 && job.apis.isEmpty)
    #expect(job.dropIns[0].text.contains("StateDirectory=tinybox-runtime/llama"))
    // tinygrad's own environment: its names of devices, too.
    #expect(job.dropIns[0].text.contains("DEV=KFD:0+AMD") && job.warnings.isEmpty)
    #expect(
      job.dropIns[0].text.contains(
        "BindReadOnlyPaths=\"/var/lib/tinybox/runtime/tinygrad-0.13.0\"\n"))
  }

  @Test func `a machine whose nodes are not known`() throws {
    var bench = try PlanBench()
    bench.inventory.memory.nodes = []
    let unit = try bench.unit("model = \"llama\"\ngpus = [\"0000:81:00.0\"]")
    #expect(unit.cpus == nil && !unit.dropIns[0].text.contains("AllowedCPUs"))
    #expect(unit.warnings.first?.hasPrefix("it is bound to no NUMA node: ") == true)
    #expect(try bench.unit("model = \"llama\"").node == nil)
  }

  /// Whatever is asked for: the order of the files changes nothing, no GPU has two runtimes, every runtime has a
  /// unit or a reason, and a second plan that holds the first keeps every GPU.
  @Test(arguments: 0..<60) func `plans at random`(_ round: Int) throws {
    var random = SeededGenerator(round: round)
    var bench = try PlanBench()
    var specs: [String: String] = [:]
    for index in 0..<Int.random(in: 1...6, using: &random) {
      let gpus = [
        "0", "1", "2", "3", "[\"0000:81:00.0\"]", "[\"0000:21:00.0\", \"0000:82:00.0\"]",
        "[\"0000:99:00.0\"]",
      ]
      var text =
        "model = \"\(random.pick(["llama", "llama", "llama", "gone"]))\"\ngpus = \(random.pick(gpus))\n"
      if random.chance(30) { text += "memory-nodes = \(random.pick(["[0]", "[0, 1]", "[5]"]))\n" }
      specs["r\(index)"] = text
    }
    let plan = try bench.plan(specs)
    #expect(try bench.plan(specs, order: specs.keys.shuffled(using: &random)) == plan)
    #expect((plan.units.map(\.name) + plan.refusals.map(\.name)).sorted() == specs.keys.sorted())
    #expect(plan.refusals.allSatisfy { !$0.reason.isEmpty })
    let all = plan.units.flatMap(\.gpus)
    #expect(Set(all).count == all.count)
    for unit in plan.units {
      bench.held[unit.name] = RuntimeUnit.Held(dropIn: unit.dropIns[0].text)
      #expect(bench.held[unit.name]?.gpus == unit.gpus)
    }
    let again = try bench.plan(specs)
    #expect(again.units.map(\.gpus) == plan.units.map(\.gpus))
  }
}
