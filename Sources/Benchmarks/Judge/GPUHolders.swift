internal import Inventory

extension GPU {
  /// Processes that hold it, without those that only watch it and without tinybox's own.
  var holders: [GPUProcess] { processes.filter { !$0.watches } }
}

extension GPU.GPUProcess {
  /// Programs that keep a GPU's device file open and do not compute: NVIDIA's persistence daemon (the
  /// kernel keeps 15 characters of a name) and its data centre monitor.
  private static let watchers: Set<String> = ["nvidia-persiste", "nv-hostengine"]
  /// KFD lists a process that has opened it until the process ends (kfd_process.c: it goes with the memory of
  /// the process), so tinybox's own are listed once they have asked the HSA runtime; `tinybox-benchmark` by
  /// the 15 characters that the kernel keeps. Leases keep two benchmarks apart.
  private static let own: Set<String> = ["tinyboxd", "tinyboxctl", "tinybox-benchma"]

  fileprivate var watches: Bool {
    guard let name else { return false }
    return GPU.GPUProcess.own.contains(name)
      || GPU.GPUProcess.watchers.contains(name) && evidence.hasPrefix("/dev/")
  }
}
