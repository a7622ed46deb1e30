package import Base
package import Benchmarks
internal import Linux

/// NFS with fio's own client.
///
/// That client waits for a server without a limit, and fio gives each of its jobs a session of its own, which
/// no signal to fio's process group reaches. So fio is the first process of a process namespace: with it the
/// kernel ends all that is in it (pid_namespaces(7)).
package enum NFSMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = NFSPlan.self

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let load = try FioParameters(planned.parameters)
    guard let server = session.box.options.nfsServer.flatMap(NFSServer.init),
      let bytes = load.fileBytes
    else { throw Failure("measure NFS", because: "the plan names no server", code: .usage) }
    var program = FioProgram(session)
    guard try program.hasEngine("nfs") else {
      throw Failure(
        "measure NFS", because: "this fio has no nfs engine",
        hint: "Debian 13 has one in its package fio", code: .notFound)
    }
    program.prefix = namespace
    // NFS 4 through libnfs moves nothing when it writes to a file that is there already.
    let digits = try RandomBytes.make(6).map { String($0, radix: 16) }.joined()
    let name = "tinybox-benchmark-\(digits)"
    let targets = load.targets.map {
      FioJob.Target(name, cpus: $0.cpus, memoryNode: $0.memoryNode)
    }
    if load.fillsFile { try fill(load, targets, bytes, server, program, session) }
    var job = FioJob(load, targets, seconds: session.seconds(planned))
    job.nfsURL = server.url
    var observation = try program.measure(job)
    observation.details["fileLeftOnServer"] = "\(server.export)/\(name)"
    return observation
  }

  /// A process namespace whose first process ends with `unshare`, and all others with it.
  static var namespace: [String] {
    let user = CallingUser.isRoot ? [] : ["--user", "--map-root-user"]
    return ["unshare"] + user + ["--pid", "--fork", "--kill-child"]
  }

  /// Writes the file that is read afterwards.
  private static func fill(
    _ load: FioParameters, _ targets: [FioJob.Target], _ bytes: Int, _ server: NFSServer,
    _ program: FioProgram, _ session: MeasuringSession
  ) throws(Failure) {
    let job = filling(load, targets, bytes, server)
    let written = try program.report(job, deadlineSeconds: job.seconds + 10).directions
    guard written.allSatisfy({ $0.bytes >= Double(bytes) }) else {
      throw Failure(
        "fill the file on \(server.host)",
        because: "not all of it was written in \(Units.decimal(job.seconds, places: 0)) s")
    }
  }

  /// What writes so many bytes. fio's NFS engine does not wait for the requests that are on their way when
  /// the last one was sent (engines/nfs.c, `fio_libnfs_getevents`), so as many more are sent.
  static func filling(
    _ load: FioParameters, _ targets: [FioJob.Target], _ bytes: Int, _ server: NFSServer
  ) -> FioJob {
    let all = bytes + load.depth * load.blockBytes
    var job = FioJob(
      .sequentialWrite, blockBytes: load.blockBytes, depth: load.depth, targets: targets,
      // Slower than a link of 1 Gb/s: 20 MB/s.
      seconds: 10 + Double(all) / 20e6)
    job.sizeBytes = all
    job.writeLimitBytes = all
    job.nfsURL = server.url
    return job
  }
}
