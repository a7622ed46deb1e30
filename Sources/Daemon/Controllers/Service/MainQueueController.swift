/// Does what other threads hand over.
final class MainQueueController: Controller, EventSource {
  private let context: Context
  /// Set once the controllers are made, of which this is one.
  weak var controllers: Controllers?

  init(_ context: Context) { self.context = context }

  var sources: [any EventSource] { [self] }
  var descriptor: Int32? { context.queue.descriptor }

  func read(_ tell: (Notification) -> Void) {
    guard let controllers else { return }
    for job in context.queue.take() { job(controllers) }
  }
}
