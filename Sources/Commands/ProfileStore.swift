package import Base
internal import FoundationEssentials
package import Health
package import KernelTree

/// Where the box keeps what it should have, and how a profile is found.
package struct ProfileStore {
  /// The profile in force.
  static let path = "/var/lib/tinybox/profile.json"
  private let tree: KernelTree

  package init(_ tree: KernelTree) { self.tree = tree }

  /// The profile of a name or file, or the one in force; nil where there is none.
  /// - Parameter name: a shipped profile, a file with a slash or ending in `.json`, `none`, or nil.
  func profile(_ name: String?) throws(Failure) -> Profile? {
    guard let name else { return try inForce() }
    if name == "none" { return nil }
    if name.contains("/") || name.hasSuffix(".json") { return try ProfileStore.file(name) }
    guard let shipped = Profile.shipped(named: name) else {
      let known = Profile.shipped.map(\.name)
      let nearest = NearestWord.find(name, in: known)
      throw Failure(
        "use profile '\(name)'", because: "no profile of that name comes with tinybox",
        hint: (nearest.map { "did you mean '\($0)'? " } ?? "")
          + "known are \(known.joined(separator: ", ")); a file is named with a slash",
        code: .usage)
    }
    return shipped
  }

  /// The profile that the machine, or the recording, carries.
  package func inForce() throws(Failure) -> Profile? {
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try tree.bytes(ProfileStore.path)
    } catch {
      if error.cause == .notFound || error.cause == .notRecorded { return nil }
      throw Failure(
        "read the profile \(error.path)", error,
        hint: "--profile none goes on without it")
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
      profile = try JSONDecoder().decode(Profile.self, from: Data(text))
    } catch {
      throw Failure(
        "read the profile \(path)", because: explain(error),
        hint: "the format is in docs/profiles.md")
    }
    guard profile.schema == Profile.currentSchema else {
      throw Failure(
        "read the profile \(path)", because: "its schema is '\(profile.schema.prefix(40))'",
        hint: "this tinyboxctl reads \(Profile.currentSchema)")
    }
    if let fault = profile.faults.first {
      throw Failure(
        "use the profile \(path)", because: fault.description,
        hint: "no machine can be so; the format is in docs/profiles.md")
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
}
