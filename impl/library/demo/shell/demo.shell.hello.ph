package .demo.shell;

// A program for the shell to run.
class hello
{
    void startup( var boot ) [8] { boot.16( "hello from boot " + ( (.internal.boot)boot ).bootNumber() + "\n" ); }
};
