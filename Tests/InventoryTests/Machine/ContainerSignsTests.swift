import Base
import KernelTree
import Linux
import Synchronization
import TestMachines
import Testing

@testable import Inventory

/// What surrounds the program, where no marker file says it.
@Suite struct SurroundingsTests {
  private func found(_ change: (inout MemoryTreeBuilder) -> Void) -> Virtualization? {
    var builder = MachineTree().builder()
    change(&builder)
    return collected(builder.tree()).machine.virtualization
  }

  @Test func aContainerWithoutMarkerFiles() {
    // A pod with its service account.
    let pod = found {
      $0.file("/proc/mounts", "overlay / overlay rw,lowerdir=/x 0 0")
      $0.file("/run/secrets/kubernetes.io/serviceaccount/namespace", "default")
    }
    #expect(pod?.kind == .container)
    #expect(pod?.name == "kubernetes")
    // One without: its root and its first process tell.
    let bare = found {
      $0.file("/proc/mounts", "overlay / overlay rw,lowerdir=/x 0 0")
      $0.file("/proc/1/comm", "python3")
      $0.file("/proc/1/cgroup", "0::/")
    }
    #expect(bare?.kind == .container)
    #expect(bare?.name == nil)
    let own = found {
      $0.file("/proc/mounts", "overlay / overlay rw 0 0")
      $0.file("/proc/1/comm", "init")
      $0.link("/proc/self/ns/pid", to: "pid:[4026532211]")
    }
    #expect(own?.kind == .container)
  }

  /// The id of a container.
  private var id: String { String(repeating: "0a", count: 32) }

  @Test(arguments: [
    "docker.service", "crio.service", "lxc.monitor.web", "kubepods-exporter.service",
    "libpod-conmon-\(String(repeating: "0a", count: 32)).scope", "docker", "docker-desktop.scope",
  ])
  func namesOfEnginesOnTheirHost(group: String) {
    let host = found { $0.file("/proc/self/cgroup", "0::/system.slice/\(group)") }
    #expect(host?.kind == Virtualization.Kind.none)
  }

  @Test func containersByTheirControlGroup() {
    for (text, name) in [
      ("11:memory:/kubepods/burstable/pod1/abc", "kubernetes"),
      ("0::/kubelet.slice/kubelet-kubepods.slice/x", "kubernetes"),
      ("0::/kubepods-besteffort-podab_cd.slice:cri-containerd:\(id)", "kubernetes"),
      ("1:name=systemd:/docker/\(id)", "docker"),
      ("0::/system.slice/docker-\(id).scope/init", "docker"),
      ("0::/machine.slice/libpod-\(id).scope/container", "podman"),
      ("0::/machine.slice/crio-\(id).scope", "kubernetes"),
      ("0::/system.slice/cri-containerd-\(id).scope", "kubernetes"),
      ("4:pids:/pod_123/crio-\(id)", "kubernetes"),
      ("2:cpu:/lxc/web", "lxc"), ("0::/lxc.payload.web", "lxc"),
    ] {
      #expect(found { $0.file("/proc/1/cgroup", text) }?.name == name, "\(text)")
    }
    let own = found {
      $0.file("/proc/1/cgroup", "0::/init.scope")
      $0.file("/proc/self/cgroup", "0::/system.slice/docker-\(id).scope")
    }
    #expect(own?.evidence == "/proc/self/cgroup names docker")
    #expect(
      found { $0.file("/proc/mounts", "lxcfs /proc/cpuinfo fuse.lxcfs rw 0 0") }?.name == "lxc")
  }

  @Test func aMarkerFileThatWasLeftBehindSaysNothing() {
    func marked(_ mounts: String, _ namespace: String?) -> Virtualization.Kind? {
      found {
        $0.file("/.dockerenv", "")
        $0.file("/proc/mounts", mounts)
        if let namespace { $0.link("/proc/self/ns/pid", to: namespace) }
      }?.kind
    }
    let first = "pid:[4026531836]"
    let disk = "/dev/vda / ext4 rw 0 0"
    // A virtual machine made from the image of a container.
    #expect(marked(disk, first) != .container)
    #expect(marked(disk, "pid:[4026532211]") == .container)
    #expect(marked("overlay / overlay rw,lowerdir=/x 0 0", first) == .container)
    let files = "\n/dev/vda /etc/hosts ext4 rw 0 0\n/dev/vda /etc/resolv.conf ext4 rw 0 0"
    #expect(marked(disk + files, first) == .container)
    // What is not known contradicts nothing.
    #expect(marked(disk, nil) == .container)
  }

  @Test func liveSystemsAreNoContainers() {
    let live = found {
      $0.file("/proc/mounts", "overlay / overlay ro 0 0\n/dev/sda1 /boot ext4 rw 0 0")
      $0.file("/proc/1/comm", "systemd")
      $0.file("/proc/1/cgroup", "0::/init.scope")
      $0.link("/proc/self/ns/pid", to: "pid:[4026531836]")
    }
    #expect(live?.kind == Virtualization.Kind.none)
    // A process namespace alone may be anybody's.
    let jail = found {
      $0.file("/proc/mounts", "none / tmpfs rw 0 0")
      $0.link("/proc/self/ns/pid", to: "pid:[4026532211]")
    }
    #expect(jail?.kind == Virtualization.Kind.none)
  }

  @Test func hypervisorsByTheirDevices() {
    let listed = found {
      $0.file(
        "/proc/bus/pci/devices",
        "0000\t80861237\t0\t0\n0010\t80eebeef\t12\te0000008\n0020\t80eecafe\t14\td021")
    }
    #expect(listed?.kind == .vm)
    #expect(listed?.name == "virtualbox")
    let inSysfs = found {
      $0.file("/sys/bus/pci/devices/0000:00:0f.0/vendor", "0x15ad")
      $0.file("/sys/bus/pci/devices/0000:00:0f.0/device", "0x0405")
    }
    #expect(inSysfs?.name == "vmware")
    // Cloud cards show virtio devices to bare metal.
    let card = found { $0.file("/proc/bus/pci/devices", "0010\t1af41000\t12\te0000008") }
    #expect(card?.kind == Virtualization.Kind.none)
  }

  @Test func domainZeroIsTheHost() {
    for change: (inout MemoryTreeBuilder) -> Void in [
      { $0.file("/proc/xen/capabilities", "control_d\n") },
      { $0.file("/sys/hypervisor/properties/features", "00002f05\n") },
    ] {
      let dom0 = found {
        $0.file("/sys/hypervisor/type", "xen")
        change(&$0)
      }
      #expect(dom0?.kind == .controlDomain)
    }
    let domU = found {
      $0.file("/sys/hypervisor/type", "xen")
      $0.file("/proc/xen/capabilities", "")
      $0.file("/sys/hypervisor/properties/features", "00000705\n")
    }
    #expect(domU?.kind == .vm)
  }

  @Test func windowsSubsystem() {
    let found = found {
      $0.file("/proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2")
    }
    #expect(found?.kind == .vm)
    #expect(found?.name == "wsl")
  }

  @Test func namesOfARMCores() {
    func model(_ text: String) -> String? { ARMNames.model(CPUInfo(Array(text.utf8))) }
    func core(_ implementer: String, _ part: String) -> String {
      "processor\t: 0\nCPU implementer\t: \(implementer)\nCPU part\t: \(part)\n\n"
    }
    #expect(model(core("0x41", "0xd0c")) == "Neoverse N1")
    #expect(model(core("0x41", "0xd87") + core("0x41", "0xd85")) == "Cortex-A725 + Cortex-X925")
    #expect(model(core("0xc0", "0xac3")) == "Ampere-1")
    #expect(model(core("0x41", "0xfff")) == "ARM part 0xfff")
    #expect(model(core("0x99", "0x001")) == "implementer 0x99 part 0x001")
    #expect(model("vendor_id : AuthenticAMD\nmodel : 1\n") == nil)
  }

  @Test func fileSystemsWithoutABlockDevice() {
    var tree = MemoryTreeBuilder()
    tree.file(
      "/proc/mounts",
      """
      rpool/ROOT/pve-1 / zfs rw,relatime,xattr,noacl 0 0
      proc /proc proc rw 0 0
      tmpfs /run tmpfs rw 0 0
      rpool/data /data zfs rw 0 0
      tank /tank zfs rw 0 0
      server:/export /home nfs4 rw,hard 0 0
      none /shared virtiofs rw 0 0
      none /scratch 9p rw 0 0
      none /scratch2 9p rw 0 0
      sshfs#host: /mnt fuse.sshfs rw 0 0
      overlay /var/lib/docker/overlay2/1/merged overlay rw 0 0
      """)
    for point in ["/", "/tank"] {
      tree.probe(
        SpaceAnswer.probeName(point),
        .success(Array("free 1000\ntotal 2000\nfiles-free 0\nfiles-total 0\n".utf8)))
    }
    let system = SystemCollectorTests.collect(tree.tree())
    #expect(
      system.system.fileSystems.map(\.mountPoint) == ["/", "/home", "/scratch", "/shared", "/tank"])
    #expect(system.system.fileSystems.first?.device == "rpool/ROOT/pve-1")
    #expect(system.system.fileSystems.first?.freeBytes == 1000)
    #expect(!system.system.unknown.contains { $0.fact.hasPrefix("fileSystems") })
  }

  @Test func aServerThatIsAwayHoldsOneThread() {
    let asked = Mutex(0)
    let isBack = Mutex(false)
    let point = "/away-\(#function)"
    func ask() -> ReadFailure.Cause? {
      do throws(ReadFailure) {
        _ = try SpaceAnswer.ask(point) { () throws(Errno) in
          asked.withLock { $0 += 1 }
          while !isBack.withLock({ $0 }) { Clock.sleep(seconds: 0.01) }
          throw Errno.EIO
        }
        return nil
      } catch {
        return error.cause
      }
    }
    #expect(ask() == .timedOut)
    // The first has not come back: nobody is sent after it.
    #expect(ask() == .timedOut)
    #expect(asked.withLock { $0 } == 1)
    isBack.withLock { $0 = true }
  }

  @Test func whoAsksWhileItIsAskedGetsTheSameAnswer() throws {
    let asked = Mutex(0)
    let isAnswered = Mutex(false)
    let point = "/slow-and-asked-twice"
    let call: @Sendable () throws(Errno) -> FileSystem.Space = { () throws(Errno) in
      asked.withLock { $0 += 1 }
      while !isAnswered.withLock({ $0 }) { Clock.sleep(seconds: 0.01) }
      return try FileSystem.space("/")
    }
    let first = SpaceJob.start(point, call)
    let second = SpaceJob.start(point, call)
    #expect(first === second)
    isAnswered.withLock { $0 = true }
    let answer = try SpaceAnswer.text(second, point)
    #expect(SpaceAnswer.numbers(answer)["total"] != nil)
    #expect(try SpaceAnswer.text(first, point) == answer)
    #expect(asked.withLock { $0 } == 1)
  }

  @Test func manyServersThatAreAwayCostOneDeadline() throws {
    let isBack = Mutex(false)
    let number = 4
    let away = (1...4).map { "/away-\(number)-\($0)" }
    let here = "/here-\(number)"
    let start = Clock.seconds()
    let questions = SpaceQuestions(away + [here]) { point throws(Errno) in
      while point != here, !isBack.withLock({ $0 }) { Clock.sleep(seconds: 0.01) }
      return try FileSystem.space("/")
    }
    for point in away { #expect(throws: ReadFailure.self) { try questions.answer(point) } }
    #expect(Clock.seconds() - start < 2 * SpaceJob.deadline)
    #expect(try SpaceAnswer.numbers(questions.answer(here))["total"] != nil)
    isBack.withLock { $0 = true }
  }
}
