public import Base
internal import FoundationEssentials
internal import Health
internal import Inventory
internal import KernelTree
internal import Linux

/// `tinyboxctl profile`.
public struct ProfileCommand: Sendable {
  /// Tree and options.
  public var session: Session

  /// The command.
  public init(session: Session) { self.session = session }

  /// Profiles that come with tinybox, and the one in force.
  public func list() throws(Failure) -> String {
    let current = try ProfileStore(try session.tree()).inForce()
    if session.json {
      return try JSONOutput.text(Profile.shipped)
    }
    let width = Profile.shipped.map(\.name.utf8.count).max() ?? 0
    var lines = Profile.shipped.map { profile in
      let mark = profile.name == current?.name ? "*" : " "
      let padded = profile.name + String(repeating: " ", count: width - profile.name.utf8.count)
      return "\(mark) \(padded)  \(profile.title ?? "")"
    }
    if let current, current.origin == .learned {
      lines.append("* \(current.name), learned \(current.learnedAt ?? "at an unknown time")")
    }
    if current == nil { lines.append("none is in force: 'tinyboxctl profile learn' makes one") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The text of a profile: that of the name, or the one in force.
  public func show(_ name: String?) throws(Failure) -> String {
    guard let profile = try ProfileStore(try session.tree()).profile(name) else {
      throw Failure(
        "show the profile", because: "none is in force",
        hint:
          "'tinyboxctl profile learn' remembers this box, 'tinyboxctl profile list' shows others")
    }
    return try JSONOutput.text(profile)
  }

  /// Remembers what the box has now. Refused when the box is not well.
  /// - Returns: a few lines for a person.
  public func learn(
    name: String, replace: Bool, output: String?
  ) throws(Failure) -> String {
    let tree = try session.tree()
    Output.progress("reading the machine ...")
    let inventory = Collection.run(tree, options: try session.options(.all))
    Output.endProgress()
    let profile: Profile
    do throws(UnwellBox) {
      profile = try Profile.learned(
        from: inventory, name: name, at: Clock.utc(), health: HealthReport(Box(inventory)))
    } catch {
      throw Failure(
        "learn the box", error,
        hint: "mend that first, or it would be taken for what should be")
    }
    try write(profile, replace: replace, output: output, tree)
    return "learned \(describe(profile)); kept in \(output ?? ProfileStore.path)\n"
  }

  /// Puts a shipped profile, or one in a file, into force.
  public func use(_ name: String, replace: Bool) throws(Failure) -> String {
    let tree = try session.tree()
    guard let profile = try ProfileStore(tree).profile(name) else {
      throw Failure(
        "use profile 'none'", because: "it is no profile",
        hint: "'tinyboxctl profile forget' removes the one in force", code: .usage)
    }
    try write(profile, replace: replace, output: nil, tree)
    return "\(profile.name) is in force: \(describe(profile))\n"
  }

  /// Removes the profile in force.
  public func forget() throws(Failure) -> String {
    try requireLive("forget the profile")
    do throws(Failure) {
      try DurableFile.remove(ProfileStore.path)
    } catch {
      throw Failure(
        "forget the profile", error, hint: ProfileCommand.rootHint,
        code: Terminal.isRoot ? .failed : .notPermitted)
    }
    return "no profile is in force\n"
  }

  // MARK: Writing

  private static let rootHint: String? = Terminal.isRoot ? nil : "run it with sudo"

  private func requireLive(_ step: String) throws(Failure) {
    if session.sysroot != nil {
      throw Failure(
        step, because: "a recording is not changed", hint: "leave --sysroot out", code: .usage)
    }
  }

  private func write(
    _ profile: Profile, replace: Bool, output: String?, _ tree: KernelTree
  ) throws(Failure) {
    let path = output ?? ProfileStore.path
    if output == nil { try requireLive("put a profile into force") }
    if !replace, KernelTree.live.exists(path) {
      throw Failure(
        "write \(path)", because: "there is one already", hint: "--replace replaces it")
    }
    let text = try JSONOutput.text(profile)
    do throws(Failure) {
      if output == nil { try DurableFile.makeFolder("/var/lib/tinybox") }
      try DurableFile.write(Array(text.utf8), to: path)
    } catch {
      throw Failure(
        "write \(path)", error, hint: ProfileCommand.rootHint,
        code: Terminal.isRoot ? .failed : .notPermitted)
    }
  }

  /// `2 GPUs, 4 drives, 8 memory channels`.
  private func describe(_ profile: Profile) -> String {
    var parts: [String] = []
    let gpus = profile.gpus?.reduce(0) { $0 + $1.count } ?? 0
    if gpus > 0 { parts.append("\(gpus) GPU\(gpus == 1 ? "" : "s")") }
    if let drives = profile.nvme?.count { parts.append("\(drives) drive\(drives == 1 ? "" : "s")") }
    if let nics = profile.nics?.count { parts.append("\(nics) interface\(nics == 1 ? "" : "s")") }
    if let cores = profile.coreCount { parts.append("\(cores) cores") }
    if let channels = profile.memoryChannels { parts.append("\(channels) memory channels") }
    return parts.isEmpty ? "nothing that could be told" : parts.joined(separator: ", ")
  }
}
