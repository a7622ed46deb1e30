public import Base
public import Health
public import Inventory
public import KernelTree
internal import Linux

/// Where the box keeps what it should have, how a profile is found, learned and put into force.
public struct ProfileStore {
  /// The profile in force.
  public static let path = "/var/lib/tinybox/profile.json"
  private let tree: KernelTree

  /// The store of the machine that a tree is of.
  public init(_ tree: KernelTree) { self.tree = tree }

  // MARK: finding

  /// The profile of a name or file, or the one in force; nil where there is none.
  /// - Parameter name: a shipped profile, a file with a slash or ending in `.json`, `none`, or nil.
  public func profile(_ name: String?) throws(Failure) -> Profile? {
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
  public func inForce() throws(Failure) -> Profile? {
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

  /// A profile from its text, held against physics.
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
        hint: "no machine can be so; the format is in docs/profiles.md", code: .conflict)
    }
    return profile
  }

  private static func explain(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
        .joined(separator: ".")
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

  /// A profile of what a box has now.
  /// - Throws: `Failure` when the box is not well: that would be taken for what should be.
  public static func learn(_ inventory: Inventory, name: String) throws(Failure) -> Profile {
    do throws(UnwellBox) {
      return try Profile.learned(
        from: inventory, name: name, at: Clock.utc(), health: HealthReport(Box(inventory)))
    } catch {
      throw Failure(
        "learn the box", error, hint: "mend that first, or it would be taken for what should be")
    }
  }

  /// Writes a profile.
  /// - Parameters:
  ///   - file: where to; nil puts it into force on this machine.
  ///   - replace: a file that is there.
  public static func write(
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
  public static func forget() throws(Failure) {
    do throws(Failure) {
      try DurableFile.remove(ProfileStore.path)
    } catch {
      throw refused("forget the profile", error)
    }
  }

  private static func refused(_ step: String, _ error: Failure) -> Failure {
    Terminal.isRoot
      ? Failure(step, error)
      : Failure(step, error, hint: "run it with sudo", code: .notPermitted)
  }
}
