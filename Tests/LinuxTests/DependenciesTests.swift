import Foundation
import TestSupport
import Testing

/// `scripts/dependencies check` on a small checkout of its own: what is built must be what was tested.
@Suite struct DependenciesTests {
  private static let list = """
    let packages = [
      // One of them.
      ("owner/one", "1.0.0"),
      ("owner/two", "2.0.0"),
    ]

    """
  private static let resolved = """
    {
      "pins" : [
        {
          "identity" : "one",
          "location" : "https://example.org/owner/one.git",
          "state" : {
            "version" : "1.0.0"
          }
        }
      ]
    }

    """

  /// A folder with the script, both lists, and one of two packages checked out.
  private func withCheckout(_ body: (URL) throws -> Void) throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let one = folder.appendingPathComponent(".build/checkouts/one")
    for path in [one, folder.appendingPathComponent("scripts")] {
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(
      at: Project.root.appendingPathComponent("scripts/dependencies"),
      to: folder.appendingPathComponent("scripts/dependencies"))
    try write("a = 1\n", one, "a.swift")
    try write("ignored\n", one, ".gitignore")
    let author = "-c user.name=a -c user.email=a@b -c commit.gpgsign=false"
    try bash("git init -q . && git add -A && git \(author) commit -qm a", one)
    let tree = try bash("git rev-parse 'HEAD^{tree}'", one).output
    try write(Self.list, folder, "Package.swift")
    try write(Self.resolved, folder, "Package.resolved")
    let other = String(repeating: "0", count: 40)
    try write("# A comment.\none 1.0.0 \(tree)two 2.0.0 \(other)\n", folder, "dependencies.lock")
    try body(folder)
  }

  private func write(_ text: String, _ folder: URL, _ name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  @discardableResult private func bash(_ line: String, _ folder: URL) throws -> Finished {
    try run(
      URL(fileURLWithPath: "/bin/bash"), ["-c", "cd '\(folder.path)' && \(line)"],
      environment: ["TINYBOX_DEPENDENCY_RANGES": ""])
  }

  @Test func `what was tested passes, from anywhere and whatever a hook of Git left`() throws {
    try withCheckout { folder in
      for line in [
        "scripts/dependencies check",
        "GIT_DIR=/nowhere GIT_INDEX_FILE=/x scripts/dependencies check",
        "ln -s $PWD/scripts/dependencies link && cd / && \"$OLDPWD/link\" check",
        // A broken index is none of the files.
        "echo x > .build/checkouts/one/.git/index && scripts/dependencies check",
      ] {
        let finished = try bash(line, folder)
        #expect(finished.status == 0, "\(line): \(finished.errors)")
      }
    }
  }

  @Test(arguments: [
    ("cd .build/checkouts/one && echo b >> a.swift", "resolved is 1.0.0 with tree"),
    (
      "cd .build/checkouts/one && git update-index --assume-unchanged a.swift && echo b >> a.swift",
      "resolved is 1.0.0 with tree"
    ),
    ("echo b > .build/checkouts/one/ignored", "resolved is 1.0.0 with tree"),
    ("rm -r .build/checkouts/one", "with tree missing"),
    ("sed -i 's/\"2.0.0\"/\"2.0.1\"/' Package.swift", "two 2.0.1: in Package.swift"),
    ("sed -i '/two/d' Package.swift", "two 2.0.0: in dependencies.lock"),
    ("sed -i '/^two/d' dependencies.lock", "two 2.0.0: in Package.swift"),
    ("sed -i 's/(\"owner.two/( \"owner\\/two/' Package.swift", "a row that cannot be read"),
    ("sed -i 's/^two 2/two  2/' dependencies.lock", "a line that cannot be read"),
    ("sed -i 's/.*two.*/&\\n&/' Package.swift", "two: twice in Package.swift"),
    ("sed -i 's/^two.*/&\\n&/' dependencies.lock", "two: twice in dependencies.lock"),
    ("sed -i 's/let packages/let others/' Package.swift", "no row of the list"),
    (": > dependencies.lock", "dependencies.lock: no line was found"),
    ("sed -i 's/\"version\" :/\"version\":/' Package.resolved", "not all could be read"),
    ("echo '{\"pins\": []}' > Package.resolved", "Package.resolved: no package was found"),
  ])
  func `what differs is named, with status 1`(change: String, message: String) throws {
    try withCheckout { folder in
      try #require(try bash(change, folder).status == 0)
      let finished = try bash("scripts/dependencies check", folder)
      #expect(finished.status == 1 && finished.errors.contains(message), "\(finished.errors)")
      let warned = try bash("TINYBOX_DEPENDENCY_RANGES=1 scripts/dependencies check", folder)
      #expect(warned.status == 0 && warned.errors.contains("warning only"))
    }
  }

  @Test func `a release needs every package, and options are not guessed`() throws {
    try withCheckout { folder in
      let release = try bash(
        "TINYBOX_DEPENDENCY_RANGES=1 scripts/dependencies check --release", folder)
      #expect(release.status == 1 && release.errors.contains("two: not resolved"))
      for arguments in ["", "chek", "check --relase", "check --release x", "update x"] {
        let finished = try bash("scripts/dependencies \(arguments)", folder)
        #expect(finished.status == 64 && finished.errors.contains("dependencies check"))
      }
    }
  }
}
