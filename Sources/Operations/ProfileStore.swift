package import Base
package import Health
package import Inventory
package import KernelTree
internal import Linux

/// Where the box keeps what it should have, how a profile is found, learned and put into force.
package struct ProfileStore {
  /// The profile in force.
  package static let path = "/var/lib/tinybox/profile.json"
  private let tree: KernelTree

  /// The store of the machine that a tree is of.
  package init(_ tree: KernelTree) { self.tree = tree }

  // MARK: finding

  /// The profile of a name or file, or the one in force; nil where there is none.
  /// - Parameter name: a shipped profile, a file with a slash or ending in `.json`, `none`, or nil.
  package func profile(_ name: String?) throws(Failure) -> Profile? {
    guard let name else { return try inForce() }
    if name == "none" { return nil }
    if name.contains("/") || name.hasSuffix(".json") { return try ProfileStore.file(name) }
    if let shipped = Profile.shipped(named: name) { return shipped }
    let known = Profile.shipped.map(\.name)
    let nearest = NearestWord.find(name, in: known)
    throw Failure(
      "use profile '\(name)'", because: "no profile of that name comes with tinybox",
      hint: (nearest.map { "did you mean '\($0)'? " } ?? "")
        + "known are \(known.joined(separator: ", ")); a file is named with a slash",
      code: .usage)
  }

  /// The profile that the machine, or the recording, carries.
  package func inForce() throws(Failure) -> Profile? {
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try tree.bytes(ProfileStore.path)
    } catch {
      if error.cause == .notFound || error.cause == .notRecorded { return nil }
      throw Failure(
        "read the profile \(error.path)", error, hint: "--profile none goes on without it",
        code: .conflict)
    }
    return try ProfileStore.decoded(text, ProfileStore.path)
  }

  /// A profile in a file of this machine.
  static func file(_ path: String) throws(Failure) -> Profile {
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try KernelTree.live.bytes(path)
    } catch {
      throw Failure("read the profile \(path)", error, code: .usage)
    }
    return try decoded(text, path)
  }

  /// A profile from its text, checked against physics.
  static func decoded(_ text: [UInt8], _ path: String) throws(Failure) -> Profile {
    let profile: Profile
    do {
      profile = try JSON.decode(Profile.self, from: text)
    } catch {
      throw Failure(
        "read the profile \(path)", because: explain(error),
        hint: "the format is in docs/profiles.md", code: .conflict)
    }
    guard profile.schema == Profile.currentSchema else {
      throw Failure(
        "read the profile \(path)", because: "its schema is '\(profile.schema.prefix(40))'",
        hint: "this tinyboxctl reads \(Profile.currentSchema)", code: .conflict)
    }
    if let fault = profile.faults.first {
      throw Failure(
        "use the profile \(path)", because: fault.description,
        hint: "the values are impossible; the format is in docs/profiles.md", code: .conflict)
    }
    return profile
  }

  private static func explain(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.reduce("") { path, key in
        if let index = key.intValue { return path + "[\(index)]" }
        return path.isEmpty ? key.stringValue : path + "." + key.stringValue
      }
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      return
        "'\(key.stringValue)' is missing\(place(context).isEmpty ? "" : " in \(place(context))")"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "'\(place(context))' is not of the right kind"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "'\(place(context))': \(context.debugDescription)"
    default: return "it is no JSON"
    }
  }

  // MARK: learning and writing

  /// What a box has now, and the reasons against expecting it from now on.
  package struct Learned {
    package var profile: Profile
    /// Why it should not be put into force.
    package var objections: [LearningObjection]

    /// - Parameter allowed: kinds of objections that the user overrides.
    /// - Throws: `Failure` with every objection that stands, and the flags that overrule them.
    package func check(allowing allowed: Set<LearningObjection.Kind>) throws(Failure) {
      let standing = objections.filter { !allowed.contains($0.kind) }
      guard let first = standing.first else { return }
      let kinds = LearningObjection.Kind.allCases.filter { kind in
        standing.contains { $0.kind == kind }
      }
      let flags = kinds.map { "--allow-\($0.rawValue)" }.joined(separator: " ")
      throw Failure(
        "learn the box", because: first.text,
        hint: (standing.dropFirst().map(\.text) + [
          "correct that first, or the profile would expect it; \(flags) learns it nevertheless"
        ]).joined(separator: "\n  "), code: .conflict)
    }
  }

  /// Learns a box. Nothing is written.
  /// - Parameters:
  ///   - file: where the profile will be written; nil where it will be put into force.
  ///   - ignoresBefore: do not compare it with the profile that is there, which may be damaged.
  package func learn(
    _ inventory: Inventory, name: String, for file: String? = nil, ignoresBefore: Bool = false
  ) throws(Failure) -> Learned {
    let profile = Profile.learned(from: inventory, name: name, at: Clock.utc())
    let before = ignoresBefore ? nil : try replaced(file)
    return Learned(
      profile: profile,
      objections: profile.objections(
        inventory, health: HealthReport(Box(inventory)), before: before))
  }

  /// What the box has now, as a profile.
  package static func now(_ inventory: Inventory) -> Profile {
    Profile.learned(from: inventory, name: "the box now", at: Clock.utc())
  }

  /// The profile that a new one takes the place of: that of its file, else the one in force.
  private func replaced(_ file: String?) throws(Failure) -> Profile? {
    if let file, KernelTree.live.exists(file) { return try ProfileStore.file(file) }
    return try inForce()
  }

  /// Writes a profile.
  /// - Parameters:
  ///   - file: where to; nil puts it into force on this machine.
  ///   - replace: a file that is there.
  package static func write(
    _ profile: Profile, to file: String?, replace: Bool
  ) throws(Failure) {
    let path = file ?? ProfileStore.path
    if !replace, KernelTree.live.exists(path) {
      throw Failure(
        "write \(path)", because: "there is one already", hint: "--replace replaces it")
    }
    let text = try JSON.text(profile)
    do throws(Failure) {
      if file == nil { try DurableFile.makeFolder("/var/lib/tinybox") }
      try DurableFile.write(Array(text.utf8), to: path)
    } catch {
      throw refused("write \(path)", error)
    }
  }

  /// Removes the profile in force.
  package static func forget() throws(Failure) {
    do throws(Failure) {
      try DurableFile.remove(ProfileStore.path)
    } catch {
      throw refused("forget the profile", error)
    }
  }

  private static func refused(_ step: String, _ error: Failure) -> Failure {
    CallingUser.isRoot
      ? Failure(step, error)
      : Failure(step, error, hint: "run it with sudo", code: .notPermitted)
  }
}
