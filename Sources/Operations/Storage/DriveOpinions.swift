internal import Base
internal import Linux
internal import Storage

/// Asks libblkid through its two programs, which are in every Debian (util-linux): `wipefs` lists every signature with its place,
/// `blkid` says what the kernel would take the drive for. Neither writes.
struct DriveOpinions {
  /// Seconds for each: a drive that does not answer holds them up.
  private static let deadlineSeconds = 60.0

  func ask(_ drive: HeldDrive) -> [ToolOpinion] {
    [
      ask("wipefs", ["--no-act", "--json", drive.path], ToolOpinion.wipefs),
      // Past its cache, and with everything that it knows.
      ask(
        "blkid", ["--cache-file", "/dev/null", "--probe", "--output", "export", drive.path],
        ToolOpinion.blkid),
    ]
  }

  private func ask(
    _ program: String, _ arguments: [String], _ parse: (Int32, [UInt8]) -> ToolOpinion
  ) -> ToolOpinion {
    do throws(Failure) {
      let child = ChildProcess(
        [program] + arguments, deadlineSeconds: DriveOpinions.deadlineSeconds)
      let outcome = try child.run()
      if outcome.ended != nil { return ToolOpinion(program, failure: "it did not answer in time") }
      return parse(outcome.status, outcome.output)
    } catch {
      return ToolOpinion(program, failure: error.reason)
    }
  }
}
