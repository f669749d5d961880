// Runs in the page, once for each lab: takes a frame apart, and hands each widget what is new of it.
export default {
  initialize({ model }) {
    const manager = model.widget_manager;
    model.on('msg:custom', ({ updates }, buffers) => {
      let next = 0;
      for (const [id, state, paths] of updates) {
        const message = {
          content: { data: { method: 'update', state, buffer_paths: paths } },
          buffers: buffers.slice(next, next += paths.length),
        };
        // As if it had come alone; of a widget that was closed meanwhile there is nothing to show.
        manager.get_model(id).then((widget) => widget._handle_comm_msg(message), () => {});
      }
    });
    model.send({ ready: true });
  },
};
