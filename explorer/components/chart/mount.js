// Hands a figure to the chart of its node, or leaves it where chart.js looks when it arrives.
export default function (given) {
  const node = given.parentElement;
  if (globalThis.explorerMount) globalThis.explorerMount(given);
  else (globalThis.explorerWaiting ??= new Map()).set(node, given);
  // Streamlit also calls the clean-up of a call it has superseded: only the loss of the node means the end.
  return () => node.isConnected || node.explorerChart?.destroy();
}
