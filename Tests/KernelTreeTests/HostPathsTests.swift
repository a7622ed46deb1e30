import KernelTree
import Testing

@Suite struct HostPathsTests {
  @Test(arguments: [
    ("/", "/proc/1/root/"), ("/home", "/proc/1/root/home"), ("/tmp", "/proc/1/root/tmp"),
    ("/proc/mounts", "/proc/1/mounts"), ("/proc/self/mountinfo", "/proc/1/mountinfo"),
    ("/sys/class/net", "/sys/class/net"), ("/proc/interrupts", "/proc/interrupts"),
    ("/dev/shm", "/dev/shm"), ("/devices", "/proc/1/root/devices"),
  ])
  func `in a sandbox the machine's own mounts and folders are looked at`(
    path: String, found: String
  ) {
    #expect(HostPaths.path(path, root: "/proc/1/root") == found)
    #expect(HostPaths.path(path, root: "") == path)
  }
}
