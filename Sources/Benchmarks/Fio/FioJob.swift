package import Base

/// One call of fio (https://fio.readthedocs.io): the same load on one or several targets at once.
package struct FioJob: Hashable, Sendable {
  /// What is done, as `--rw` has it.
  package enum Pattern: String, Hashable, Sendable, CaseIterable {
    case sequentialRead = "read"
    case sequentialWrite = "write"
    case randomRead = "randread"
    case randomWrite = "randwrite"

    /// Whether it changes what is on the target.
    package var writes: Bool { self == .sequentialWrite || self == .randomWrite }
    /// Whether the order of the blocks is random.
    package var isRandom: Bool { self == .randomRead || self == .randomWrite }
  }

  /// A device or file, and where the thread that uses it runs.
  package struct Target: Hashable, Sendable {
    /// Its path.
    package var path: String
    /// CPUs of its thread.
    package var cpus: NumberSet?
    /// NUMA node of its buffers.
    package var memoryNode: Int?

    /// A target.
    package init(_ path: String, cpus: NumberSet? = nil, memoryNode: Int? = nil) {
      self.path = path
      self.cpus = cpus
      self.memoryNode = memoryNode
    }
  }

  /// What is done.
  package var pattern: Pattern
  /// Bytes of each request.
  package var blockBytes: Int
  /// Requests on their way at once, for each target.
  package var depth: Int
  /// What it is done to; each has a thread of its own.
  package var targets: [Target]
  /// Seconds that are measured.
  package var seconds: Double
  /// Seconds before that.
  package var rampSeconds = 0.0
  /// Bytes of each target to use, from its start; nil for all of a device.
  package var sizeBytes: Int?
  /// Bytes to write to each target at most: it ends with them or with the time, whichever is first.
  package var writeLimitBytes: Int?
  /// Where the samples go: `PREFIX_bw.N.log` for each target; nil for none.
  package var logPrefix: String?
  /// Whether this fio can bind memory (built with libnuma).
  package var bindsMemory = false
  /// The URL of an NFS export, for fio's own NFS client; targets are then paths in the export.
  package var nfsURL: String?

  /// A load without a place for its samples.
  package init(
    _ pattern: Pattern, blockBytes: Int, depth: Int, targets: [Target], seconds: Double
  ) {
    self.pattern = pattern
    self.blockBytes = blockBytes
    self.depth = depth
    self.targets = targets
    self.seconds = seconds
  }

  /// Milliseconds of a sample in the log.
  package static let sampleMilliseconds = 250

  /// Program and arguments.
  package var command: [String] {
    var arguments = ["fio", "--output-format=json", "--thread", "--group_reporting"]
    if let nfsURL {
      arguments += ["--ioengine=nfs", "--nfs_url=\(nfsURL)"]
    } else {
      // Without allow_file_create=0 fio makes a file that is missing. It makes folders even so.
      arguments += ["--ioengine=io_uring", "--direct=1", "--allow_file_create=0"]
    }
    if !pattern.writes { arguments.append("--readonly") }
    arguments += ["--rw=\(pattern.rawValue)", "--bs=\(blockBytes)", "--iodepth=\(depth)"]
    // Without a map of the blocks that were used: it takes memory and time, and time ends the run anyway.
    if pattern.isRandom { arguments += ["--norandommap", "--randrepeat=0"] }
    if let sizeBytes { arguments.append("--size=\(sizeBytes)") }
    if let writeLimitBytes {
      arguments.append("--io_size=\(writeLimitBytes)")
    } else {
      arguments.append("--time_based")
    }
    arguments.append("--runtime=\(FioJob.milliseconds(seconds))")
    if rampSeconds > 0 { arguments.append("--ramp_time=\(FioJob.milliseconds(rampSeconds))") }
    if let logPrefix {
      arguments += [
        "--write_bw_log=\(logPrefix)", "--log_avg_msec=\(FioJob.sampleMilliseconds)",
      ]
    }
    for (index, target) in targets.enumerated() {
      arguments += ["--name=job\(index + 1)", "--filename=\(FioJob.escaped(target.path))"]
      // A group of its own for each, or the report adds them up.
      if targets.count > 1 { arguments.append("--new_group") }
      if let cpus = target.cpus { arguments.append("--cpus_allowed=\(cpus)") }
      if bindsMemory, let node = target.memoryNode {
        arguments.append("--numa_mem_policy=bind:\(node)")
      }
    }
    return arguments
  }

  /// The log of a target, counted from 0.
  package func logPath(_ index: Int) -> String? { logPrefix.map { "\($0)_bw.\(index + 1).log" } }

  /// Whether this fio binds memory, from the output of `fio --cmdhelp=numa_mem_policy`: without libnuma it
  /// says how to build it with (fio's options.c).
  package static func bindsMemory(help: [UInt8]) -> Bool {
    let text = String(decoding: help, as: UTF8.self)
    return text.contains("NUMA memory policy") && !text.contains("Build fio with")
  }

  /// Whole milliseconds: fio reads no fractions of a second.
  private static func milliseconds(_ seconds: Double) -> String {
    "\(Int((min(max(seconds, 0.001), 1e6) * 1000).rounded()))ms"
  }

  /// A colon separates several files.
  private static func escaped(_ path: String) -> String {
    path.split(separator: ":", omittingEmptySubsequences: false).joined(separator: "\\:")
  }
}
