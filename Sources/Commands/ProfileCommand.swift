internal import ArgumentParser
internal import Base
internal import Health
internal import Inventory
internal import KernelTree
internal import Operations
internal import Render

/// `tinyboxctl profile`.
struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "What this box should have: learned while it is healthy, or declared.",
    discussion: """
      'tinyboxctl check' compares the box with its profile: devices that should be there, links \
      their slots should give, memory, cores. Without a profile a link is compared only with what \
      both of its ends can do. The format is in docs/profiles.md.
      """,
    subcommands: [
      List.self, Show.self, ProfileLearnCommand.self, ProfileDiffCommand.self, Use.self,
      Forget.self,
    ],
    defaultSubcommand: List.self)

  struct List: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Profiles that come with tinybox, and which one is in force.")
    static var documents: [PrintedDocument] {
      [
        .init(
          Profile.self, remark: "a list of those that come with tinybox, each `tinybox.profile/1`")
      ]
    }

    @OptionGroup var reading: ReadingOptions

    func run() throws {
      try perform { () throws(Failure) in
        let current = try ProfileStore(try reading.session.reader.tree()).inForce()
        try Output.write(
          try reading.session.text(Profile.shipped) {
            ProfileText.list(
              Profile.shipped, inForce: current, Display.standard(ascii: false).style)
          })
      }
    }
  }

  struct Show: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Print a profile as JSON; the one in force without a name.")
    static var documents: [PrintedDocument] { [.init(Profile.self)] }

    @OptionGroup var reading: ReadingOptions
    @Argument(help: ArgumentHelp("A profile, or a file.", valueName: "name|file"))
    var name: String?

    func run() throws {
      try perform { () throws(Failure) in
        let store = ProfileStore(try reading.session.reader.tree())
        guard let profile = try store.profile(name) else {
          throw Failure(
            "show the profile", because: "none is in force",
            hint: "'tinyboxctl profile learn' remembers this box, 'tinyboxctl profile list' "
              + "shows others")
        }
        try Output.write(try JSON.text(profile))
      }
    }
  }

  struct Use: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "use", abstract: "Put a shipped profile, or one in a file, into force.")

    @Argument(help: ArgumentHelp("A profile, or a file.", valueName: "name|file"))
    var name: String
    @Flag(help: "Replace the profile in force.")
    var replace = false

    func run() throws {
      try perform { () throws(Failure) in
        guard let profile = try ProfileStore(.live).profile(name) else {
          throw Failure(
            "use profile 'none'", because: "it is no profile",
            hint: "'tinyboxctl profile forget' removes the one in force", code: .usage)
        }
        try ProfileStore.write(profile, to: nil, replace: replace)
        try Output.write(
          "\(profile.name) is in force: \(ProfileCommand.describe(profile))\n")
      }
    }
  }

  struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "forget", abstract: "Remove the profile in force.")

    func run() throws {
      try perform { () throws(Failure) in
        try ProfileStore.forget()
        try Output.write("no profile is in force\n")
      }
    }
  }

  // MARK: printing

  /// `2 GPUs, 4 drives, 8 memory channels`.
  static func describe(_ profile: Profile) -> String {
    var parts: [String] = []
    let gpus = profile.gpus?.reduce(0) { $0 + $1.count } ?? 0
    if gpus > 0 { parts.append("\(gpus) GPU\(gpus == 1 ? "" : "s")") }
    if let drives = profile.nvme?.count { parts.append("\(drives) drive\(drives == 1 ? "" : "s")") }
    if let nics = profile.nics?.count { parts.append("\(nics) interface\(nics == 1 ? "" : "s")") }
    if let cores = profile.coreCount { parts.append("\(cores) cores") }
    if let channels = profile.memoryChannels { parts.append("\(channels) memory channels") }
    return parts.isEmpty ? "no difference that can be seen" : parts.joined(separator: ", ")
  }
}
