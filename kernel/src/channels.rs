//! The sockets on both sides. Each is read by its own task; everything that arrives goes through one queue, so the rest
//! of the front is a single loop without locks.

use anyhow::{Context, Result};
use jupyter_protocol::ConnectionInfo;
use jupyter_zmq_client::{
    ClientIoPubConnection, ClientShellConnection, Connection, DealerSendConnection, KernelIoPubConnection,
    RouterSendConnection, create_client_control_connection, create_client_iopub_connection,
    create_client_shell_connection_with_identity, create_client_stdin_connection_with_identity,
    create_kernel_control_connection, create_kernel_heartbeat_connection, create_kernel_iopub_connection,
    create_kernel_shell_connection, create_kernel_stdin_connection, peer_identity_for_session,
};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use zeromq::{SocketRecv, SocketSend, ZmqMessage};

/// A message, and the socket on which it arrived.
pub enum Event {
    /// From a client.
    OuterShell(ZmqMessage),
    OuterControl(ZmqMessage),
    OuterStdin(ZmqMessage),
    /// From evcxr_jupyter.
    InnerShell(ZmqMessage),
    InnerControl(ZmqMessage),
    InnerStdin(ZmqMessage),
    InnerIoPub(ZmqMessage),
    /// A line that evcxr_jupyter printed itself, mostly what cargo is compiling.
    InnerStderr(String),
}

/// The sockets that face Jupyter's clients.
pub struct Outer {
    pub shell: RouterSendConnection,
    pub control: RouterSendConnection,
    pub stdin: RouterSendConnection,
    pub iopub: KernelIoPubConnection,
}

/// The sockets that face evcxr_jupyter.
pub struct Inner {
    pub shell: DealerSendConnection,
    pub control: DealerSendConnection,
    pub stdin: DealerSendConnection,
}

impl Outer {
    /// Listens on the addresses of Jupyter's connection file, and on no others.
    ///
    /// # Errors
    /// When it can't listen on one of them.
    pub async fn bind(connection: &ConnectionInfo, session: &str, events: &Sender<Event>) -> Result<Self> {
        let wanted = || format!("listening on {} as the connection file says", connection.ip);
        let mut heartbeat = create_kernel_heartbeat_connection(connection).await.with_context(wanted)?;
        tokio::spawn(async move {
            loop {
                // Each beat is echoed unchanged; a malformed one is no reason to stop.
                match heartbeat.socket.recv().await {
                    Ok(beat) => drop(heartbeat.socket.send(beat).await),
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        });
        let shell = create_kernel_shell_connection(connection, session).await.with_context(wanted)?;
        let control = create_kernel_control_connection(connection, session).await.with_context(wanted)?;
        let stdin = create_kernel_stdin_connection(connection, session).await.with_context(wanted)?;
        let iopub = create_kernel_iopub_connection(connection, session).await.with_context(wanted)?;
        let ((shell, from_shell), (control, from_control), (stdin, from_stdin)) =
            (shell.split(), control.split(), stdin.split());
        read(from_shell, events, Event::OuterShell);
        read(from_control, events, Event::OuterControl);
        read(from_stdin, events, Event::OuterStdin);
        Ok(Self { shell, control, stdin, iopub })
    }
}

impl Inner {
    /// Connects to evcxr_jupyter, which must be listening.
    ///
    /// # Errors
    /// When it isn't.
    pub async fn connect(connection: &ConnectionInfo, session: &str, events: &Sender<Event>) -> Result<Self> {
        let wanted = || format!("connecting to evcxr_jupyter at {}", connection.ip);
        // evcxr asks for input at the address that sent the cell.
        let identity = peer_identity_for_session(session)?;
        let shell: ClientShellConnection =
            create_client_shell_connection_with_identity(connection, session, identity.clone())
                .await
                .with_context(wanted)?;
        let stdin =
            create_client_stdin_connection_with_identity(connection, session, identity).await.with_context(wanted)?;
        let control = create_client_control_connection(connection, session).await.with_context(wanted)?;
        let iopub: ClientIoPubConnection =
            create_client_iopub_connection(connection, "", session).await.with_context(wanted)?;
        let ((shell, from_shell), (control, from_control), (stdin, from_stdin)) =
            (shell.split(), control.split(), stdin.split());
        read(from_shell, events, Event::InnerShell);
        read(from_control, events, Event::InnerControl);
        read(from_stdin, events, Event::InnerStdin);
        read(iopub, events, Event::InnerIoPub);
        Ok(Self { shell, control, stdin })
    }
}

/// Puts what the socket receives into the queue, and waits while the queue is full. This slows down a cell that prints
/// faster than clients can read, and nothing is lost.
fn read<S: SocketRecv + Send + 'static>(
    mut connection: Connection<S>,
    events: &Sender<Event>,
    event: fn(ZmqMessage) -> Event,
) {
    let events = events.clone();
    tokio::spawn(async move {
        while let Ok(message) = connection.socket.recv().await {
            if events.send(event(message)).await.is_err() {
                return;
            }
        }
    });
}
