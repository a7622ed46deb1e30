import Foundation
import TestSupport
import Testing

/// `units/sitecustomize.py` in the Python of this machine: opens and maps a model as tinygrad 0.13.0 does
/// (tinygrad/runtime/ops_disk.py).
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3")))
struct SitecustomizeTests {
  private static let program = """
    import fcntl, mmap, os, sys
    models, other = sys.argv[1:]
    path = models + "/m/model.gguf"
    os.chdir(models)
    for name in (path, "m/model.gguf", path.encode()):
        fd = os.open(name, os.O_RDWR | os.O_CREAT)
        assert fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY, name
        text = mmap.mmap(fd, os.fstat(fd).st_size)
        assert text[:4] == b"GGUF"
        text[:4] = b"XXXX"
        os.close(fd)
    assert open(path, "rb").read() == b"GGUF and more"
    try:
        os.open(models + "/m/none", os.O_RDWR | os.O_CREAT)
        sys.exit("a file was made")
    except FileNotFoundError:
        pass
    fd = os.open(other, os.O_RDWR | os.O_CREAT)
    assert fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
    os.write(fd, b"written")
    plain = mmap.mmap(-1, 4096)
    plain[:1] = b"x"
    print("done")
    """

  @Test(arguments: [true, false]) func `models are opened for reading, other files as asked`(
    _ isInstalled: Bool
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "site-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = folder.appending(path: "models/m")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    try Data("GGUF and more".utf8).write(to: model.appending(path: "model.gguf"))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      "-c", SitecustomizeTests.program, folder.appending(path: "models").path,
      folder.appending(path: "other").path,
    ]
    process.environment = [
      "PYTHONPATH": Project.root.appending(path: "units").path, "PYTHONDONTWRITEBYTECODE": "1",
      "TINYBOX_MODELS": isInstalled ? folder.appending(path: "models").path : "",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // Without it the same program fails, so it shows something.
    #expect((process.terminationStatus == 0) == isInstalled, "\(output)")
    #expect(output.contains("done") == isInstalled)
  }
}
