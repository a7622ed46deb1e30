internal import ArgumentParser
internal import Base
internal import Inventory
internal import KernelTree
internal import Linux
internal import Operations
internal import Recordings
internal import Version

/// `tinyboxctl capture`.
struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Record this machine, so that every command can replay it elsewhere.",
    discussion: """
      Records exactly what the other commands read. Serial numbers, hardware and IP addresses and \
      the host's name are replaced by pseudonyms unless --no-redact is given. Run it as root to \
      record everything; what could not be read is recorded as such.
      """)

  @Argument(
    help: ArgumentHelp("The archive to write, ending in .tar.zst.", valueName: "file"),
    completion: .file(extensions: ["tar.zst"]))
  var file: String

  @Option(
    name: .long,
    help: ArgumentHelp("Record from a recording.", valueName: "dir|archive"),
    completion: .file())
  var sysroot: String?

  @Flag(name: .customLong("no-redact"), help: "Keep serial numbers, addresses and names.")
  var noRedact = false

  @Flag(help: "Replace the file if it exists.")
  var force = false

  func validate() throws {
    if Output.isStandardOutput(file) {
      throw ValidationError("an archive is not written to standard output: name a file")
    }
  }

  func run() throws {
    try perform { () throws(Failure) in
      let tree = try MachineReader(sysroot: sysroot).tree()
      Output.progress("reading the machine ...")
      defer { Output.endProgress() }
      let captured = CaptureOperations.record(
        tree, version: Version.number, redact: !noRedact)
      Output.progress("writing \(file) ...")
      do throws(RecordingError) {
        try CaptureWriter.write(captured.recording, to: file, force: force)
      } catch {
        let isDenied = error.cause == .system(.EACCES) || error.cause == .system(.EPERM)
        throw Failure(
          "write \(file)", error,
          hint: error.cause == .exists
            ? "--force replaces it"
            : isDenied ? "name a file in a folder of yours, or run it with sudo" : nil,
          code: isDenied ? .notPermitted : .failed)
      }
      try Output.write(summary(captured.inventory, isLive: tree.isLive))
    }
  }

  private func summary(_ inventory: Inventory, isLive: Bool) -> String {
    var lines = [
      "\(file): \(inventory.pci.count) PCI functions, \(inventory.interrupts.count) interrupts"
    ]
    lines.append(
      noRedact
        ? "it contains serial numbers, addresses and names: think before you share it"
        : "serial numbers, addresses and names are replaced; --no-redact keeps them")
    if isLive && !CallingUser.isRoot {
      lines.append("not root: much is recorded as 'permission denied'; run it with sudo")
    }
    lines.append("replay it with: tinyboxctl status --sysroot \(file)")
    return lines.joined(separator: "\n") + "\n"
  }
}
