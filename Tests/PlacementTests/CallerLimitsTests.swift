import Base
import KernelTree
import Testing

@testable import Placement

@Suite struct CallerLimitsTests {
  /// A process with this status and these groups; process 1 may use CPUs 0 to 7 and nodes 0 and 1.
  private func limits(
    cpus: String = "0-7", nodes: String = "0-1", _ groups: String, _ files: [String: String] = [:]
  ) -> CallerLimits {
    var builder = MemoryTreeBuilder()
    func status(_ cpus: String, _ nodes: String) -> String {
      "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t\(cpus)\n"
        + "Mems_allowed:\t3\nMems_allowed_list:\t\(nodes)\n"
    }
    builder.file("/proc/1/status", status("0-7", "0-1"))
    builder.file("/proc/self/status", status(cpus, nodes))
    builder.file("/proc/self/cgroup", groups)
    for (path, text) in files { builder.file("/sys/fs/cgroup" + path, text) }
    return CallerLimits.read(builder.tree())
  }

  @Test func `version 2: the nearest group that has the controller`() {
    let files = [
      "/cpuset.cpus.effective": "0-7", "/cpuset.mems.effective": "0-1",
      "/user.slice/cpuset.cpus.effective": "1", "/user.slice/cpuset.mems.effective": "0",
    ]
    let found = limits("0::/user.slice/user-1000.slice/session-3.scope\n", files)
    #expect(found.cpus?.description == "1" && found.memoryNodes?.description == "0")
    #expect(found.sources.contains("/sys/fs/cgroup/user.slice/cpuset.cpus.effective"))
    #expect(limits("0::/system.slice/x.service\n", files).cpus?.description == "0-7")
  }

  @Test func `version 1 and the mixture`() {
    let files = [
      "/cpuset/cpuset.cpus": "0-7", "/cpuset/cpuset.mems": "0-1",
      "/cpuset/a/cpuset.effective_cpus": "1", "/cpuset/a/cpuset.cpus": "",
      "/cpuset/a/cpuset.mems": "1",
    ]
    let found = limits("9:name=systemd:/\n3:cpuset:/a\n1:cpu,cpuacct:/b\n0::/x:y\n", files)
    #expect(found.cpus?.description == "1" && found.memoryNodes?.description == "1")
    #expect(limits("3:cpuset:/\n", files).cpus?.description == "0-7")
  }

  @Test(arguments: ["0::/../../x\n", "0::/\n", "0::/docker/0123456789abcdef\n"])
  func `a container sees its own group as the root`(groups: String) {
    let found = limits(groups, ["/cpuset.cpus.effective": "2-3", "/cpuset.mems.effective": "1"])
    #expect(found.cpus?.description == "2-3" && found.memoryNodes?.description == "1")
  }

  @Test func `an affinity of its own limits, that of process 1 does not`() {
    #expect(limits("0::/\n").cpus == nil)
    #expect(limits("0::/\n").unknown.isEmpty)
    let own = limits(cpus: "4-5", "0::/\n", ["/cpuset.cpus.effective": "5-7"])
    #expect(own.cpus?.description == "5" && own.memoryNodes == nil)
    #expect(own.sources.count == 2)
  }

  @Test func `without proc it is unknown`() {
    let found = CallerLimits.read(MemoryTreeBuilder().tree())
    #expect(found.cpus == nil && found.unknown.map(\.path).contains("/proc/self/status"))
  }

  // MARK: containers of an ordinary user

  private func obstacle(
    _ controllers: String?, needs: [String] = ["cpuset"], isUnified: Bool? = true
  ) -> (reason: String, hint: String)? {
    var builder = MemoryTreeBuilder()
    if let controllers {
      builder.file(
        "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers",
        controllers)
    }
    return RootlessEngine.obstacle(
      user: 1000, controllers: needs, isUnified: isUnified, builder.tree())
  }

  @Test func `an ordinary user's containers need what systemd delegates`() {
    #expect(obstacle("cpuset cpu io memory pids") == nil)
    let missing = obstacle("cpu io memory pids\n")
    #expect(missing?.reason == "systemd does not delegate cpuset to user@1000.service")
    #expect(missing?.hint.contains("Delegate=cpu cpuset") == true)
    #expect(
      obstacle("pids", needs: ["cpuset", "memory"])?.reason.contains("cpuset and memory") == true)
    #expect(obstacle("cpusetx")?.reason.contains("cpuset") == true)
    #expect(obstacle(nil)?.reason.contains("no service manager") == true)
    #expect(obstacle("cpuset", isUnified: false)?.reason.contains("version 1") == true)
  }
}
