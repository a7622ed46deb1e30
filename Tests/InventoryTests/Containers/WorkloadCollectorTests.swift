import Base
import KernelTree
import Testing

@testable import Inventory

@Suite struct WorkloadCollectorTests {
  static let podman = String(repeating: "a1", count: 32)
  static let docker = String(repeating: "b2", count: 32)
  static let rootless = String(repeating: "c3", count: 32)
  static let plain = String(repeating: "d4", count: 32)

  static func builder() -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    let root = "/sys/fs/cgroup"
    tree.file(root + "/cgroup.controllers", "cpuset cpu io memory pids")
    let scope = "\(root)/machine.slice/libpod-\(podman).scope"
    for (file, text) in [
      ("machine.slice/cpuset.cpus", ""), ("machine.slice/cpuset.cpus.effective", "0-63"),
      ("system.slice/pids.current", "512"), ("gpu-0.slice/cpuset.cpus", "0-15,64-79"),
      ("gpu-0.slice/cpuset.mems", "0"), ("gpu-0.slice/cpuset.mems.effective", "0"),
      ("system.slice/ssh.service/libpod-\(plain).scope/cgroup.procs", "9"),
      ("system.slice/docker-\(docker).scope/cgroup.procs", "700\n701"),
      ("machine.slice/libpod-conmon-\(podman).scope/cgroup.procs", "499"),
      (
        "user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(rootless).scope"
          + "/cgroup.procs", "900"
      ),
      ("docker/\(plain)/cgroup.procs", "800"),
    ] {
      tree.file("\(root)/\(file)", text)
    }
    tree.file(scope + "/cgroup.procs", "")
    tree.file(scope + "/cpuset.cpus.effective", "0-15")
    tree.file(
      scope + "/memory.numa_stat",
      "anon N0=4096 N1=0\nfile N0=100 N3=7\nkernel_stack N0=5 N1=5")
    tree.file(scope + "/container/cgroup.procs", "500\n501\n502")
    tree.file(scope + "/container/init.scope/cgroup.procs", "510")
    tree.file(
      EngineFiles.podmanList,
      """
      [{"id":"\(podman)","names":["serve-gpu0"],"image":"sha256","layer":"x",
        "metadata":"{\\"image-name\\":\\"quay.io/box/serve:1\\",\\"name\\":\\"serve-gpu0\\"}"}]
      """)
    tree.probe(
      "container/podman-\(podman)", .success(Array("label dev.tinybox.gpu=0000:21:00.0\n".utf8)))
    tree.probe(
      "container/docker-\(docker)",
      .success(Array("name web\nimage nginx\nlabel other=1\nlabel dev.tinybox.a=x%0Ay%2525\n".utf8))
    )
    tree.probe(
      "container/docker-\(plain)",
      .failure(ReadFailure(path: "/var/lib/docker/x", cause: .permissionDenied)))
    return tree
  }

  static func collect(_ tree: KernelTree) -> Inventory {
    var inventory = Inventory(origin: "test")
    var context = CollectionContext(tree: tree, options: CollectionOptions())
    WorkloadCollector.collect(into: &inventory, &context)
    return inventory
  }

  @Test func findsContainersOfBothEngines() throws {
    let workloads = Self.collect(Self.builder().tree()).workloads
    #expect(workloads.isUnified == true)
    #expect(workloads.controllers == ["cpuset", "cpu", "io", "memory", "pids"])
    #expect(
      workloads.containers.map(\.id) == [Self.podman, Self.docker, Self.rootless, Self.plain])
    let podman = try #require(workloads.containers.first)
    #expect(podman.name == "serve-gpu0")
    #expect(podman.image == "quay.io/box/serve:1")
    #expect(podman.engine == .podman)
    #expect(podman.labels == ["dev.tinybox.gpu": "0000:21:00.0"])
    #expect(podman.group.path == "/machine.slice/libpod-\(Self.podman).scope")
    #expect(podman.group.processCount == 4)
    #expect(podman.group.effectiveCPUs?.description == "0-15")
    #expect(podman.group.cpus == nil)
    #expect(podman.group.memoryByNode == [0: 4196, 3: 7])
    #expect(podman.unknown.isEmpty)
    let docker = workloads.containers[1]
    #expect(docker.name == "web")
    #expect(docker.labels == ["dev.tinybox.a": "x\ny%25"])
    #expect(docker.group.processCount == 2)
    let rootless = workloads.containers[2]
    #expect(rootless.name == nil)
    #expect(rootless.unknown.map(\.fact) == ["name", "image", "labels"])
    let plain = workloads.containers[3]
    #expect(plain.unknown.first?.reason == "permission denied")
    #expect(plain.group.path == "/docker/\(Self.plain)")
  }

  @Test func podmanWithoutAnnotationsMayHaveLabels() {
    var tree = Self.builder()
    tree.probe("container/podman-\(Self.podman)", .success([0x0a]))
    let container = Self.collect(tree.tree()).workloads.containers.first
    #expect(container?.name == "serve-gpu0")
    #expect(container?.labels == [:])
    #expect(container?.unknown.map(\.fact) == ["labels"])
  }

  @Test func findsSlices() throws {
    let slices = Self.collect(Self.builder().tree()).workloads.slices
    #expect(
      slices.map(\.path) == [
        "/gpu-0.slice", "/machine.slice", "/system.slice", "/user.slice",
        "/user.slice/user-1000.slice",
        "/user.slice/user-1000.slice/user@1000.service/user.slice",
      ])
    let gpu = try #require(slices.first)
    #expect(gpu.cpus?.description == "0-15,64-79")
    #expect(gpu.memoryNodes?.description == "0")
    #expect(gpu.effectiveCPUs == nil)
    // Asked for nothing: an empty set, not absent.
    #expect(slices[1].cpus == NumberSet())
    #expect(slices[2].taskCount == 512)
    #expect(slices[2].processCount == nil)
  }

  @Test func otherHierarchiesAreNotUnified() {
    var mixed = MemoryTreeBuilder()
    mixed.file("/sys/fs/cgroup/unified/cgroup.controllers", "")
    mixed.directory("/sys/fs/cgroup/cpuset")
    let inventory = Self.collect(mixed.tree())
    #expect(inventory.workloads.isUnified == false)
    #expect(inventory.collectors.first?.outcome == .failed)
    let none = Self.collect(MemoryTreeBuilder().tree())
    #expect(none.workloads.isUnified == nil)
    #expect(none.collectors.first?.outcome == .nothing)
  }

  @Test func foldersThatLeadBackEnd() {
    var tree = Self.builder()
    tree.link("/sys/fs/cgroup/gpu-0.slice/loop.slice", to: "/sys/fs/cgroup")
    tree.link(
      "/sys/fs/cgroup/machine.slice/libpod-\(Self.podman).scope/container/again", to: "..")
    let workloads = Self.collect(tree.tree()).workloads
    #expect(workloads.containers.count == 4)
    #expect(workloads.slices.count == 6)
  }

  @Test func deepTreesAreBounded() {
    var tree = Self.builder()
    var path = "/sys/fs/cgroup"
    for _ in 0..<60 {
      path += "/a.slice"
      tree.directory(path)
    }
    let workloads = Self.collect(tree.tree()).workloads
    #expect(workloads.slices.count < 40)
    #expect(workloads.unknown.contains { $0.reason == "too many groups" })
  }

  @Test(
    arguments: [
      ("anon N0=1 N1=2\nfile N1=3", [0: 1, 1: 5]), ("anon\nfile", [:]), ("slab N0=1", nil),
      ("anon N0=x", nil), ("anon 0=1", nil), ("anon N0=-1", nil), ("", nil),
      ("anon N0=9223372036854775807\nfile N0=1", nil), ("anon N99999999999999999999=1", nil),
    ] as [(String, [Int: Int]?)])
  func readsMemoryByNode(text: String, bytes: [Int: Int]?) {
    #expect(CgroupWalk.memoryByNode(Array(text.utf8)[...]) == bytes)
  }

  @Test func readsEngineFiles() throws {
    let docker = try #require(
      EngineFiles.docker(
        Array(
          """
          {"ID":"x","Name":"/web","Config":{"Image":"nginx:1","Env":["TOKEN=secret"],
           "Labels":{"dev.tinybox.gpu":"a\\nb","com.example":"1"}},"State":{"Running":true}}
          """.utf8)))
    #expect(docker.name == "web")
    #expect(docker.image == "nginx:1")
    #expect(docker.labels == ["dev.tinybox.gpu": "a\nb"])
    let text = EngineFiles.encode(docker)
    #expect(EngineFiles.decode(text) == docker)
    #expect(!String(decoding: text, as: UTF8.self).contains("secret"))
    #expect(
      EngineFiles.annotations(Array(#"{"annotations":{"dev.tinybox.x":"1","y":"2"}}"#.utf8))?.labels
        == ["dev.tinybox.x": "1"])
    #expect(EngineFiles.annotations(Array("{}".utf8))?.labels == [:])
    let folder = #"[{"id":"a","names":[],"metadata":"{\"image-name\":\"\",\"name\":\"n\"}"}]"#
    #expect(EngineFiles.podman(Array(folder.utf8)) == ["a": EngineFiles.Facts(name: "n")])
    for text in ["", "[", "{}", "null", "[{}]", "[1]"] {
      #expect(EngineFiles.podman(Array(text.utf8)) == nil)
    }
    #expect(EngineFiles.docker(Array("[]".utf8)) == nil)
    let deep = [UInt8](repeating: 0x5b, count: 200_000)
    #expect(EngineFiles.docker(deep) == nil)
    #expect(EngineFiles.podman(deep) == nil)
  }

  @Test func assignsDevices() {
    var containers = Self.collect(Self.builder().tree()).workloads.containers
    let gpu = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)
    ContainerDevices.fill(
      &containers, processes: [Self.podman: [500, 501], Self.docker: [700]],
      open: [500: ["/dev/kfd"], 501: ["/dev/dri/renderD128", "/dev/kfd"], 1: ["/dev/nvidia0"]],
      addresses: ["/dev/dri/renderD128": [gpu]])
    #expect(containers[0].devices == ["/dev/dri/renderD128", "/dev/kfd"])
    #expect(containers[0].gpus == [gpu])
    #expect(containers[1].devices.isEmpty)
  }

  @Test func damagedFilesNeverInventFacts() {
    let known = [Self.podman, Self.docker, Self.rootless, Self.plain]
    for (path, tree) in Damage.trees(of: Self.builder()) {
      let workloads = Self.collect(tree).workloads
      #expect(workloads.containers.allSatisfy { known.contains($0.id) }, "\(path)")
      #expect(
        workloads.containers.allSatisfy { [nil, "serve-gpu0", "web"].contains($0.name) }, "\(path)")
    }
  }
}
