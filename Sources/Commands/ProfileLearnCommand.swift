internal import ArgumentParser
internal import Base
internal import Health
internal import Inventory
internal import KernelTree
internal import Operations
internal import Render

/// `tinyboxctl profile learn`.
struct ProfileLearnCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Remember what the box has now, for 'tinyboxctl check' to compare with.",
    discussion: """
      Shows what it will remember, GPUs first. It refuses when there is no GPU; when a check \
      fails, or a drive's or adapter's link runs below what both ends can do; and when the box has \
      less than the profile in force expects. An option for each learns it nevertheless. Of a link \
      it remembers what the slot and the card can do together, because an idle GPU lowers its \
      present rate.
      """)
  static var documents: [PrintedDocument] { [.init(Profile.self)] }

  @OptionGroup var reading: ReadingOptions
  @Option(help: ArgumentHelp("Name of the profile.", valueName: "name"))
  var name = "this-box"
  @Flag(help: "Replace the profile in force.")
  var replace = false
  @Flag(name: .customLong("dry-run"), help: "Show what it would remember, and write nothing.")
  var dryRun = false
  @Flag(name: .customLong("allow-none"), help: "Learn a box without a GPU.")
  var allowNone = false
  @Flag(
    name: .customLong("allow-failures"),
    help: "Learn a box although a check fails, or a link runs below what both ends can do.")
  var allowFailures = false
  @Flag(
    name: .customLong("allow-fewer"),
    help: "Learn a box that has less than the profile in force expects.")
  var allowFewer = false
  @Option(
    help: ArgumentHelp(
      "Write it to a file instead of putting it into force; - is standard output.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?

  func validate() throws {
    if output == "" { throw ValidationError("--output takes the name of a file, or -") }
  }

  func run() throws {
    try perform { () throws(Failure) in
      let reader = reading.session.reader
      if reader.sysroot != nil, output == nil, !dryRun {
        throw Failure(
          "put a profile into force", because: "a recording is not changed",
          hint: "leave --sysroot out, or add --dry-run or --output", code: .usage)
      }
      let tree = try reader.tree()
      Output.progress("reading the machine ...")
      let inventory = try reader.inventory(.all, of: tree)
      Output.endProgress()
      let isStandardOutput = Output.isStandardOutput(output)
      let learned = try ProfileStore(tree).learn(
        inventory, name: name, for: isStandardOutput ? nil : output, ignoresBefore: allowFewer)
      try show(learned.profile, onErrors: isStandardOutput)
      try learned.check(allowing: allowed)
      if dryRun { return }
      if isStandardOutput { return try Output.write(try JSON.text(learned.profile)) }
      try ProfileStore.write(learned.profile, to: output, replace: replace)
      if reading.json { return }
      try Output.write("kept in \(output ?? ProfileStore.path)\n")
    }
  }

  private var allowed: Set<LearningObjection.Kind> {
    var kinds: Set<LearningObjection.Kind> = []
    if allowNone { kinds.insert(.none) }
    if allowFailures { kinds.insert(.failures) }
    if allowFewer { kinds.insert(.fewer) }
    return kinds
  }

  /// What it will remember; beside standard output where the profile itself goes there.
  private func show(_ profile: Profile, onErrors: Bool) throws(Failure) {
    if onErrors {
      for line in ProfileText.lines(profile) { Output.note(line) }
    } else {
      let style = Display.standard(ascii: false).style
      try Output.write(try reading.session.text(profile) { ProfileText.lines(profile, style) })
    }
  }
}

/// `tinyboxctl profile diff`.
struct ProfileDiffCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What the box has now that its profile does not expect.",
    discussion: """
      Without a name the profile in force is compared with what 'tinyboxctl profile learn' would \
      remember now; with one name, that profile is; with two, they are compared with each other. \
      GPUs come first. The exit status is 0 whether they differ or not.
      """)
  static var documents: [PrintedDocument] { [.init(ProfileDifferences.self)] }

  @OptionGroup var reading: ReadingOptions
  @Argument(help: ArgumentHelp("A profile, or a file.", valueName: "name|file"))
  var first: String?
  @Argument(help: ArgumentHelp("Another one, in place of the box now.", valueName: "name|file"))
  var second: String?

  func run() throws {
    try perform { () throws(Failure) in
      let reader = reading.session.reader
      let tree = try reader.tree()
      let store = ProfileStore(tree)
      let before = try known(first, store)
      let after: Profile
      if let second {
        after = try known(second, store)
      } else {
        Output.progress("reading the machine ...")
        after = ProfileStore.now(try reader.inventory(.all, of: tree))
        Output.endProgress()
      }
      let found = ProfileDifferences(before, after)
      try Output.write(try reading.session.text(found) { ProfileText.lines(found) })
    }
  }

  private func known(_ name: String?, _ store: ProfileStore) throws(Failure) -> Profile {
    if let profile = try store.profile(name) { return profile }
    throw Failure(
      "compare profiles", because: name == nil ? "none is in force" : "'none' is no profile",
      hint: "'tinyboxctl profile learn' remembers this box", code: .notFound)
  }
}
