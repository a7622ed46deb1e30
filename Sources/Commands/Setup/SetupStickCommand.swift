internal import ArgumentParser
internal import Base
internal import Linux
internal import Operations
internal import Setup

/// `tinyboxctl setup stick`.
struct SetupStickCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stick",
    abstract: "Copy answers and keys from a USB stick labelled TINYBOX. Root only.",
    discussion: """
      The stick has a file system of vfat, exfat or ext4 with the label TINYBOX, and in its top folder setup.toml, \
      authorized_keys, or both. It is mounted read-only in no folder. What is wrong in its files is reported, and then \
      nothing is copied. They are copied to /etc/tinybox/setup.toml and /etc/tinybox/setup.keys; 'tinyboxctl setup \
      run' uses them. Where /etc/tinybox/allow-setup-stick exists, a boot does the same as long as set-up was never \
      complete. Exit status: 0 copied or there already, 1 not used.
      """)

  @Flag(help: "Replace /etc/tinybox/setup.toml where it did not come from a stick.")
  var replace = false
  @Flag(
    help: ArgumentHelp(
      "Only where set-up was never complete and there are no other answers.", visibility: .hidden))
  var boot = false
  @OptionGroup var place: SetupPlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      if place.root == nil, !CallingUser.isRoot {
        throw Failure(
          "use a stick", because: "only root may", hint: "run it with sudo", code: .notPermitted)
      }
      let stick = SetupStickOperations(root: place.root ?? "")
      do throws(Failure) {
        try report(try stick.copy(isAsked: !boot, mayReplace: replace), stick)
      } catch {
        if boot { stick.showOnConsole(Output.lines(error).joined(separator: "\n")) }
        throw error
      }
    }
  }

  private func report(
    _ outcome: SetupStickOperations.Outcome, _ stick: SetupStickOperations
  ) throws(Failure) {
    switch outcome {
    case .copied(let files):
      stick.showOnConsole(nil)
      try Output.write("copied to \(files.joined(separator: " and "))\n")
    case .same:
      stick.showOnConsole(nil)
      try Output.write("its files are here already\n")
    case .nothing:
      if boot { return }
      throw Failure(
        "use a stick", because: "no file system has the label \(SetupStick.label)", code: .notFound)
    case .refused(let reason):
      // At a boot it is the rule, and no fault.
      if boot { return Output.note("the stick is not used: \(reason)") }
      throw Failure("use the stick", because: reason, code: .conflict)
    }
  }
}
