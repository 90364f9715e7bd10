//! The sockets that face Jupyter's clients. Each is read by its own task; everything that arrives goes through one queue, so
//! the rest of the front is a single loop without locks.

use crate::front::Event;
use anyhow::{Context, Result};
use jupyter_protocol::ConnectionInfo;
use jupyter_zmq_client::{
    Connection, KernelIoPubConnection, RouterSendConnection, create_kernel_control_connection,
    create_kernel_heartbeat_connection, create_kernel_iopub_connection, create_kernel_shell_connection,
    create_kernel_stdin_connection,
};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use zeromq::{SocketRecv, SocketSend, ZmqMessage};

/// The sockets that face Jupyter's clients.
pub struct Outer {
    pub shell: RouterSendConnection,
    pub control: RouterSendConnection,
    pub stdin: RouterSendConnection,
    pub iopub: KernelIoPubConnection,
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
        read(from_shell, events, Event::Shell);
        read(from_control, events, Event::Control);
        read(from_stdin, events, Event::Stdin);
        Ok(Self { shell, control, stdin, iopub })
    }
}

/// Puts what the socket receives into the queue, and waits while the queue is full.
pub fn read<S: SocketRecv + Send + 'static, E: Send + 'static>(
    mut connection: Connection<S>,
    events: &Sender<E>,
    event: impl Fn(ZmqMessage) -> E + Send + 'static,
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
