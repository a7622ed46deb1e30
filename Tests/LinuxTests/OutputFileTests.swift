import Base
import Foundation
import TestSupport
import Testing

@testable import Linux

@Suite struct OutputFileTests {
  private func type(_ path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }

  @Test func `a file is replaced, and a link is followed and stays`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("file").path
    let link = folder.appendingPathComponent("link").path
    try OutputFile.write(Array("one".utf8), to: file)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "file")
    try OutputFile.write(Array("two".utf8), to: link)
    #expect(type(link) == .typeSymbolicLink)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "two")
    let nowhere = folder.appendingPathComponent("nowhere").path
    try FileManager.default.createSymbolicLink(atPath: nowhere, withDestinationPath: "missing")
    #expect(throws: Failure.self) { try OutputFile.write([], to: nowhere) }
    #expect(throws: Failure.self) { try OutputFile.write([], to: folder.path) }
  }

  @Test func `a pipe gets the text and stays a pipe`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let pipe = folder.appendingPathComponent("pipe").path
    try #require(mkfifo(pipe, 0o600) == 0)
    // Both ends, so that neither waits for the other.
    let reader = open(pipe, O_RDWR)
    try #require(reader >= 0)
    defer { close(reader) }
    try OutputFile.write(Array("text".utf8), to: pipe)
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &buffer, 16) == 4)
    var status = stat()
    #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }
}
